import Foundation
import LineByLine
import Testing

@Suite("POST /api/backward and /api/trace")
struct BackwardTests {
  private func ask(_ more: String = "") async throws -> Answer {
    try await lab { try await $0.post("/api/backward", Fixture.backward(more)) }
  }

  private func results(_ answer: Answer) -> [String] {
    answer["checks"].list.compactMap { $0["result"].text }
  }

  @Test("The fixture, as SciPy has it, beside its finite differences")
  func fixture() async throws {
    let answer = try await ask()
    #expect(answer["y"] == [[[8, 7], [4, 5]]])
    #expect(answer["error"] == 11)
    #expect(answer["dK"] == [[[[8, 11], [19, -1]]]])
    #expect(answer["dB"] == [[[1, 0], [2, -1]]])
    #expect(answer["dX"] == [[[1, 2, 0], [1, 3, -2], [-2, 1, 0]]])
    #expect(answer["scattering"] == answer["dX"])
    #expect(answer["gathering"] == answer["dX"])
    #expect(answer["areEqual"] == true)
    #expect(answer["windows"] == [[1, 2, 1], [2, 4, 2], [1, 2, 1]])
    #expect(answer["checks"].list.compactMap { $0["name"].text } == ["dK", "dB", "dX"])
    #expect(results(answer) == ["pass", "pass", "pass"])
    for check in answer["checks"].list {
      #expect(try #require(check["maxRelativeError"].number) < 1e-9)
      #expect(check["tolerance"] == 1e-6)
    }
    #expect(answer["lines"]["dK"][0]["code"] == "dK[j, i] = X[i] ⋆ dY[j]")
    #expect(try await ask(#""bias": "perChannel""#)["dB"] == [[[2]]])
  }

  @Test("The classic mistakes, and the check that notices each")
  func mistakes() async throws {
    let reversed = try await ask(#""mistake": "reversed""#)
    #expect(reversed["dK"] == [[[[-1, 19], [11, 8]]]])
    #expect(results(reversed) == ["fail", "pass", "pass"])
    let notRotated = try await ask(#""mistake": "notRotated""#)
    #expect(notRotated["dX"] == [[[0, -1, 0], [2, -1, 1], [4, 0, -1]]])
    #expect(results(notRotated) == ["pass", "pass", "fail"])
    #expect(notRotated["gathering"] == [[[1, 2, 0], [1, 3, -2], [-2, 1, 0]]])
  }

  @Test("The chain rule for one weight")
  func terms() async throws {
    let answer = try await ask(#""at": {"j": 0, "i": 0, "row": 1, "column": 0}"#)
    #expect(answer["window"] == ["row": 1, "column": 0, "rows": 2, "columns": 2])
    #expect(answer["terms"].list.map { $0["product"] } == [5, 0, 14, 0])
    #expect(answer["terms"].list.map { $0["sum"] } == [5, 5, 19, 19])
    #expect(answer["terms"][2]["x"] == ["row": 2, "column": 0])
    #expect(answer["terms"][2]["y"] == ["row": 1, "column": 0])
    let outside = try await ask(#""at": {"j": 0, "i": 0, "row": 2, "column": 0}"#)
    #expect(outside.field == "at.row")
  }

  @Test("dE/dY all zero: every gradient is zero, and passes")
  func zero() async throws {
    let answer = try await lab {
      try await $0.post("/api/backward", Fixture.layer(#""dY": [[[0, 0], [0, 0]]]"#))
    }
    #expect(answer["dX"] == [[[0, 0, 0], [0, 0, 0], [0, 0, 0]]])
    #expect(results(answer) == ["pass", "pass", "pass"])
    #expect(answer["checks"].list.allSatisfy { $0["maxRelativeError"] == 0 })
  }

  @Test("Numbers of any size: true gradients pass and turned ones do not")
  func sizes() async throws {
    var random = SplitMix64(seed: 4)
    for _ in 0..<40 {
      // From a millionth to a million, each of the three of a size of its own.
      func scale() -> Double { pow(10, Double.random(in: -6...6, using: &random)) }
      let (a, b, c) = (scale(), scale(), scale())
      func volume(_ depth: Int, _ side: Int, _ scale: Double) -> [[[Double]]] {
        (0..<depth).map { _ in
          (0..<side).map { _ in
            (0..<side).map { _ in Double.random(in: -1...1, using: &random) * scale }
          }
        }
      }
      let (x, k, dY) = (
        volume(2, 5, a), (0..<3).map { _ in volume(2, 3, b) }, volume(3, 3, c)
      )
      for (mistake, expected) in [
        ("none", ["pass", "pass", "pass"]), ("reversed", ["fail", "pass", "pass"]),
        ("notRotated", ["pass", "pass", "fail"]),
      ] {
        let answer = try await lab {
          try await $0.post(
            "/api/backward",
            #"{"x": \#(x), "k": \#(k), "dY": \#(dY), "mistake": "\#(mistake)"}"#)
        }
        #expect(results(answer) == expected, "x to \(a), k to \(b), dY to \(c)")
        #expect(answer["areEqual"] == true)
        #expect(answer["checks"].list.allSatisfy { $0["tolerance"] == 1e-6 })
      }
    }
  }

  @Test("A trace in pages ends with the gradient", arguments: Pass.allCases)
  func traces(pass: Pass) async throws {
    let dX: JSON = [[[1, 2, 0], [1, 3, -2], [-2, 1, 0]]]
    let result = pass == .kernelGradient ? [[[[8, 11], [19, -1]]]] : dX
    let total = pass == .inputGradientByGathering ? 36 : 16
    var last: JSON = .null
    for from in 0...total {
      let answer = try await lab {
        try await $0.post(
          "/api/trace",
          Fixture.backward(#""pass": "\#(pass)", "from": \#(from), "count": 1"#))
      }
      #expect(answer["result"] == result)
      #expect(answer["total"].number == Double(total))
      #expect(answer["from"].number == Double(from))
      #expect(answer["lines"] != .null)
      last = answer["before"]
      #expect(answer["steps"].list.count == (from < total ? 1 : 0))
    }
    #expect(last == result, "before the step after the last, all is done")
  }

  enum Pass: CaseIterable {
    case kernelGradient, inputGradientByGathering, inputGradientByScattering
  }

  @Test("dE/dY has the output's shape")
  func refusals() async throws {
    for path in ["/api/backward", "/api/trace"] {
      let pass = path == "/api/trace" ? #", "pass": "kernelGradient""# : ""
      let answer = try await lab {
        try await $0.post(path, Fixture.layer(#""dY": [[[1]]]\#(pass)"#))
      }
      #expect(answer.field == "dY")
      #expect(
        answer.message
          == "dY: expected 1×2×2, the shape of the output, found 1×1×1; give a number for each one of "
          + "the output")
    }
    let forward = try await lab {
      try await $0.post("/api/trace", Fixture.backward(#""pass": "forward""#))
    }
    #expect(forward.field == "pass")
  }
}
