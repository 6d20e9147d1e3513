import HTTPTypes
import LineByLine
import Testing

@Suite("POST /api/forward and /api/dense")
struct ForwardTests {
  private func ask(_ body: String) async throws -> Answer {
    try await lab { try await $0.post("/api/forward", body) }
  }

  @Test("The fixture has 16 steps, and after the fourth Y[0, 0] is 8")
  func fixture() async throws {
    let answer = try await ask(Fixture.layer(#""from": 4"#))
    #expect(answer["total"] == 16)
    #expect(answer["steps"].list.count == 12)
    #expect(answer["before"] == [[[8, 0], [0, 0]]])
    #expect(answer["start"] == [[[0, 0], [0, 0]]])
    #expect(answer["y"] == [[[8, 7], [4, 5]]])
    #expect(answer["partial"] == [[[[8, 7], [4, 5]]]])
    #expect(
      answer["lines"].list.compactMap { $0["code"].text } == [
        "var Y = B", "Y[j] += X[i] ⋆ K[j, i]", "Y[r, c] += X[r + u, c + v] * K[u, v]",
      ])
    let step = answer["steps"][0]
    #expect(step["window"] == ["row": 0, "column": 1])
    #expect(step["left"] == ["position": ["row": 0, "column": 1], "value": 6, "isPadding": false])
    #expect(step["product"] == 6)
    #expect(step["target"] == ["row": 0, "column": 1])
    #expect(step["sum"] == 6)
    #expect(step["pass"] == "forward")
  }

  @Test("Several channels and biases: what is before a step is what the steps before it have left")
  func pages() async throws {
    let layer =
      #""x": [[[1, 2], [3, 4]], [[5, 6], [7, 8]]], "k": [[[[1]], [[2]]], [[[-1]], [[0.5]]]]"#
    for bias in ["[[[10]], [[20]]]", "[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]"] {
      let whole = try await ask(#"{\#(layer), "b": \#(bias), "count": 512}"#)
      #expect(whole["total"] == 16)
      var before = whole["start"]
      for from in 0...16 {
        let page = try await ask(#"{\#(layer), "b": \#(bias), "from": \#(from), "count": 1}"#)
        #expect(page["before"] == before)
        #expect(page["steps"].list.count == (from < 16 ? 1 : 0))
        guard from < 16 else { break }
        let step = whole["steps"][from]
        #expect(page["steps"][0] == step)
        before = replacing(before, by: step)
      }
      #expect(before == whole["y"])
    }
    let tied = try await ask(#"{\#(layer), "b": [[[10]], [[20]]]}"#)
    #expect(tied["start"] == [[[10, 10], [10, 10]], [[20, 20], [20, 20]]])
  }

  private func replacing(_ volume: JSON, by step: JSON) -> JSON {
    var channels = volume.list
    let (j, row, column) = (
      Int(step["j"].number ?? 0), Int(step["target"]["row"].number ?? 0),
      Int(step["target"]["column"].number ?? 0)
    )
    var rows = channels[j].list
    var numbers = rows[row].list
    numbers[column] = step["sum"]
    rows[row] = .list(numbers)
    channels[j] = .list(rows)
    return .list(channels)
  }

  @Test(
    "What does not go together is refused",
    arguments: [
      (#""x": [[[1]]], "k": [[[[1]], [[1]]]]"#, "k"),
      (#""x": [[[1]]], "k": [[[[1, 1]]]]"#, "k"),
      (#""x": [[[1]], [[1, 2]]], "k": [[[[1]], [[1]]]]"#, "x[1]"),
      (#""x": [[[1]]], "k": [[[[1]]], [[[1], [1]]]]"#, "k[1]"),
      (#""x": [[[1]]], "k": [[[[1]]], [[[1]], [[1]]]]"#, "k[1]"),
      (#""x": [[[1]],[[1]],[[1]],[[1]],[[1]]], "k": [[[[1]]]]"#, "x"),
      (#""x": [[[1]]], "k": [[[[1]]]], "b": [[[1, 2]]]"#, "b"),
      (#""x": [[[1]]], "k": [[[[1]]]], "from": 2"#, "from"),
      (#""x": [[[1]]], "k": [[[[1]]]], "count": 513"#, "count"),
      (#""x": [[[1]]], "k": [[[[1]]]], "from": -1"#, "from"),
    ])
  func refusals(fields: String, field: String) async throws {
    let answer = try await ask("{\(fields)}")
    #expect(answer.status == .badRequest)
    #expect(answer.field == field, "\(answer.message)")
  }

  @Test("A dense layer is a convolution of 1×1 kernels over n channels, and not over one map")
  func dense() async throws {
    let answer = try await lab {
      try await $0.post(
        "/api/dense", #"{"x": [1, 2, 3], "w": [[1, 0, -1], [2, 1, 0.5]], "b": [10, 20]}"#)
    }
    #expect(answer["y"] == [8, 25.5])
    #expect(answer["convolution"] == [[[8]], [[25.5]]])
    #expect(answer["difference"] == 0)
    #expect(answer["areEqual"] == true)
    // Sums that are taken in another order differ in their last digit.
    let rounded = try await lab {
      try await $0.post("/api/dense", #"{"x": [1, 1], "w": [[0.2, 0.3]], "b": [0.1]}"#)
    }
    #expect(try #require(rounded["difference"].number) > 0)
    #expect(rounded["areEqual"] == true)
    // What cancels leaves the rounding of what was there before.
    let cancelled = try await lab {
      try await $0.post(
        "/api/dense", #"{"x": [1000000, -1000000], "w": [[0.1, 0.1]], "b": [0.3]}"#)
    }
    #expect(try #require(cancelled["difference"].number) > 1e-13)
    #expect(cancelled["areEqual"] == true)
    #expect(answer["kernels"] == [[[[1]], [[0]], [[-1]]], [[[2]], [[1]], [[0.5]]]])
    #expect(answer["oneMap"]["input"] == [[[1], [2], [3]]])
    #expect(answer["oneMap"]["output"] == [[[11], [12], [13]], [[22], [24], [26]]])
    let wide = try await lab {
      try await $0.post("/api/dense", #"{"x": [1], "w": [[1, 2]], "b": [1]}"#)
    }
    #expect(wide.field == "w")
    let short = try await lab {
      try await $0.post("/api/dense", #"{"x": [1], "w": [[1], [2]], "b": [1]}"#)
    }
    #expect(short.message.hasPrefix("b: expected 2 numbers, as w has rows, found 1; "))
  }
}
