import HTTPTypes
import Testing

@Suite("POST /api/anatomy and /api/reshape")
struct SizeTests {
  private func anatomy(_ height: Int, _ size: Int, bias: String = "perPosition") async throws
    -> Answer
  {
    try await lab {
      try await $0.post(
        "/api/anatomy",
        """
        {"input": {"depth": 1, "height": \(height), "width": 28}, "kernels": 5,
         "kernelSize": \(size), "bias": "\(bias)"}
        """)
    }
  }

  @Test("The deck's layer: 45 weights and 3,380 biases, or 5")
  func deck() async throws {
    let untied = try await anatomy(28, 3)
    #expect(untied["output"] == ["depth": 5, "height": 26, "width": 26])
    #expect(untied["parameters"] == ["kernels": 45, "biases": 3380, "total": 3425])
    #expect(untied["windows"] == 676)
    #expect(untied["multiplyAdds"] == 30_420)
    let tied = try await anatomy(28, 3, bias: "perChannel")
    #expect(tied["parameters"] == ["kernels": 45, "biases": 5, "total": 50])
  }

  @Test("A kernel as large as the input, and one that is larger")
  func limits() async throws {
    #expect(try await anatomy(28, 28)["output"] == ["depth": 5, "height": 1, "width": 1])
    let refused = try await anatomy(27, 28)
    #expect(refused.status == .badRequest)
    #expect(refused.field == "kernelSize")
    #expect(
      refused.message
        == "kernelSize: a kernel of 28×28 does not fit into an input of 27×28; take a smaller kernel "
        + "or a larger input")
    #expect(try await anatomy(65, 3).field == "input.height")
  }

  private func reshape(_ place: String) async throws -> Answer {
    try await lab {
      try await $0.post(
        "/api/reshape", #"{"shape": {"depth": 2, "height": 2, "width": 3}\#(place)}"#)
    }
  }

  @Test("A cell has an index, an index a cell, and the way back is the way there")
  func reshaping() async throws {
    for index in 0..<12 {
      let byIndex = try await reshape(#", "index": \#(index)"#)
      let at = byIndex["at"]
      let (channel, row, column) = (at["channel"].number, at["row"].number, at["column"].number)
      #expect(channel == Double(index / 6))
      #expect(row == Double(index % 6 / 3))
      #expect(column == Double(index % 3))
      let byCell = try await reshape(
        #", "at": {"channel": \#(index / 6), "row": \#(index % 6 / 3), "column": \#(index % 3)}"#)
      #expect(byCell.json == byIndex.json)
    }
    let answer = try await reshape(#", "index": 0"#)
    #expect(answer["volume"] == [[[0, 1, 2], [3, 4, 5]], [[6, 7, 8], [9, 10, 11]]])
    #expect(answer["column"] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    #expect(answer["back"] == answer["volume"])
    #expect(answer["count"] == 12)
  }

  @Test("One of index and cell is given, and lies within the shape")
  func refusals() async throws {
    #expect(try await reshape("").field == "index")
    #expect(try await reshape(#", "index": 12"#).field == "index")
    #expect(try await reshape(#", "index": -1"#).field == "index")
    let both = try await reshape(
      #", "index": 1, "at": {"channel": 0, "row": 0, "column": 1}"#)
    #expect(both.message == "at: expected index or at, found both; leave out one of the two")
    #expect(
      try await reshape(#", "at": {"channel": 0, "row": 0, "column": 3}"#).field == "at.column")
  }
}
