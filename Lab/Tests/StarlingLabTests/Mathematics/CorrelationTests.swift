import HTTPTypes
import LineByLine
import Testing

@Suite("POST /api/correlate")
struct CorrelationTests {
  private func ask(_ body: String) async throws -> Answer {
    try await lab { try await $0.post("/api/correlate", body) }
  }

  @Test("The fixture, as SciPy has it")
  func fixture() async throws {
    let answer = try await ask(
      #"{"x": \#(Fixture.x), "k": \#(Fixture.k), "mode": "valid", "at": {"row": 1, "column": 0}}"#)
    #expect(answer["correlation"] == [[8, 7], [4, 5]])
    #expect(answer["convolution"] == [[7, 5], [11, 3]])
    #expect(answer["rotated"] == [[0, -1], [2, 1]])
    #expect(answer["isSymmetric"] == false)
    #expect(answer["areEqual"] == false)
    #expect(answer["window"]["correlation"] == ["row": 1, "column": 0])
    let terms = answer["terms"]["convolution"]
    #expect(terms.list.map { $0["product"] } == [0, -3, 14, 0])
    #expect(terms[2]["x"] == ["row": 2, "column": 0])
    #expect(terms[2]["k"] == ["row": 0, "column": 1])
    #expect(terms[3]["sum"] == 11)
    #expect(answer["lines"][0]["file"] == "CrossCorrelation.swift")
  }

  @Test("A kernel that turning does not change gives the same outputs")
  func symmetric() async throws {
    let answer = try await ask(#"{"x": \#(Fixture.x), "k": [[1, 2], [2, 1]], "mode": "full"}"#)
    #expect(answer["isSymmetric"] == true)
    #expect(answer["areEqual"] == true)
  }

  @Test("Everywhere, in every mode, the terms are those of the window and sum up to the output")
  func terms() async throws {
    let x: Matrix = [[1, -2, 3, 0.5], [4, 5, -6, 1], [7, 8, 9, -1]]
    for k: Matrix in [[[1, 2], [3, 4]], [[1, -1, 2]], [[2], [0.5], [1]], [[3]]] {
      for mode in Mode.allCases {
        let outputs = (crossCorrelate(x, k, mode: mode), convolve(x, k, mode: mode))
        for row in 0..<outputs.0.rows {
          for column in 0..<outputs.0.columns {
            let answer = try await ask(
              #"{"x": \#(x), "k": \#(k), "mode": "\#(mode)", "at": {"row": \#(row), "column": \#(column)}}"#
            )
            for (name, output) in [("correlation", outputs.0), ("convolution", outputs.1)] {
              let terms = answer["terms"][name].list
              #expect(terms.count == k.rows * k.columns)
              #expect(terms.last?["sum"].number == output[row, column])
              #expect(answer["window"][name] == terms[0]["x"])
              for term in terms { try check(term, x, k) }
            }
          }
        }
      }
    }
  }

  private func check(_ term: JSON, _ x: Matrix, _ k: Matrix) throws {
    let (row, column) = (
      Int(try #require(term["x"]["row"].number)), Int(try #require(term["x"]["column"].number))
    )
    let isInside = (0..<x.rows).contains(row) && (0..<x.columns).contains(column)
    #expect(term["isPadding"] == .bool(!isInside))
    #expect(term["xValue"].number == (isInside ? x[row, column] : 0))
    let (u, v) = (
      Int(try #require(term["k"]["row"].number)), Int(try #require(term["k"]["column"].number))
    )
    #expect(term["kValue"].number == k[u, v])
    #expect(term["product"].number == (isInside ? x[row, column] * k[u, v] : 0))
  }

  @Test("A kernel larger than x fits in full and same, not in valid")
  func largeKernel() async throws {
    let body = #"{"x": [[1, 2]], "k": [[1], [2]], "mode": "#
    let refused = try await ask(body + #""valid"}"#)
    #expect(refused.status == .badRequest)
    #expect(refused.field == "k")
    #expect(
      refused.message
        == "k: expected at most 1 row and 2 columns, as x has, found 2×1; take a smaller kernel or a "
        + "larger input")
    for mode in ["same", "full"] {
      #expect(try await ask(body + "\"\(mode)\"}").status == .ok)
    }
  }

  @Test(
    "What cannot be is refused",
    arguments: [
      (#""x": [[1], [1, 2]], "k": [[1]], "mode": "valid""#, "x[1]"),
      (#""x": [], "k": [[1]], "mode": "valid""#, "x"),
      (#""x": [[]], "k": [[1]], "mode": "valid""#, "x[0]"),
      (#""x": [[1]], "k": [[1,1,1,1,1,1,1,1,1]], "mode": "full""#, "k[0]"),
      (#""x": [[1]], "k": [[1]], "mode": "Valid""#, "mode"),
      (#""x": [[1]], "k": [[1]], "mode": "valid", "at": {"row": 1, "column": 0}"#, "at.row"),
      (#""x": [[1]], "k": [[1]], "mode": "valid", "at": {"row": 0}"#, "at.column"),
      (#""x": [[1]], "k": [[1]], "mode": "valid", "at": {"row": 0.5, "column": 0}"#, "at.row"),
    ])
  func refusals(fields: String, field: String) async throws {
    let answer = try await ask("{\(fields)}")
    #expect(answer.status == .badRequest)
    #expect(answer.field == field, "\(answer.message)")
  }
}
