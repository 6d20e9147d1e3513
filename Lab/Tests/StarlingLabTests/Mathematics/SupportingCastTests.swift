import HTTPTypes
import LineByLine
import Testing

@Suite("POST /api/sigmoid and /api/cross-entropy")
struct SupportingCastTests {
  private func sigmoid(_ body: String) async throws -> Answer {
    try await lab { try await $0.post("/api/sigmoid", body) }
  }

  @Test("The sigmoid in the middle, and its curve")
  func middle() async throws {
    let answer = try await sigmoid(#"{"x": 0, "dY": 2}"#)
    #expect(answer["y"] == 0.5)
    #expect(answer["slope"] == 0.25)
    #expect(answer["dX"] == 0.5)
    #expect(answer["check"]["result"] == "pass")
    #expect(answer["check"]["tolerance"] == 1e-6)
    #expect(answer["curve"].list.count == 65)
    #expect(answer["curve"][0]["x"] == -8)
    #expect(answer["curve"][64]["x"] == 8)
    #expect(answer["curve"][32] == ["x": 0, "y": 0.5, "slope": 0.25])
  }

  @Test(
    "Where it saturates, the tolerance is what can be measured there",
    arguments: [-1e6, -800, -40, -8, 8, 15, 20, 40, 1e6])
  func saturated(x: Double) async throws {
    for dY in [1, -3, 1e6, 1e-6] {
      let answer = try await sigmoid(#"{"x": \#(x), "dY": \#(dY)}"#)
      #expect(answer["check"]["result"] == "pass")
      let tolerance = try #require(answer["check"]["tolerance"].number)
      #expect(tolerance <= 0.1)
      if x.magnitude < 9 { #expect(tolerance == 1e-6) }
    }
  }

  @Test("Where rounding is as large as the slope, nothing is said", arguments: [30, 36.5])
  func flat(x: Double) async throws {
    #expect(try await sigmoid(#"{"x": \#(x)}"#)["check"]["result"] == "unmeasurable")
  }

  private func crossEntropy(_ y: String, _ p: String) async throws -> Answer {
    try await lab { try await $0.post("/api/cross-entropy", #"{"y": \#(y), "p": \#(p)}"#) }
  }

  @Test("As printed it is 2 times too large for two outputs, and fails")
  func asPrinted() async throws {
    let answer = try await crossEntropy("[1, 0]", "[0.8, 0.3]")
    #expect(answer["gradient"][0] == -0.625)
    #expect((try #require(answer["gradient"][1].number) - 1 / 1.4).magnitude < 1e-15)
    #expect(answer["asPrinted"][0] == -1.25)
    #expect(answer["ratio"] == 2)
    #expect(answer["checks"][0]["name"] == "gradient")
    #expect(answer["checks"][0]["result"] == "pass")
    #expect(answer["checks"][1]["name"] == "asPrinted")
    #expect(answer["checks"][1]["result"] == "fail")
    #expect(answer["measured"] == answer["checks"][0]["measured"])
    #expect(answer["curve"].list.count == 99)
    #expect(answer["curve"][79]["slope"] == -0.625)
  }

  @Test("With one output the two are the same")
  func oneOutput() async throws {
    let answer = try await crossEntropy("[1]", "[0.2]")
    #expect(answer["ratio"] == 1)
    #expect(answer["checks"].list.allSatisfy { $0["result"] == "pass" })
  }

  @Test("At 0 and 1 it is infinite or not a number, and says so")
  func ends() async throws {
    let infinite = try await crossEntropy("[1, 0]", "[0, 0.5]")
    #expect(infinite.status == .ok)
    #expect(infinite["error"] == "Infinity")
    #expect(infinite["gradient"][0] == "-Infinity")
    #expect(infinite["ratio"] == .null)
    #expect(infinite["checks"].list.allSatisfy { $0["result"] == "unmeasurable" })
    let undefined = try await crossEntropy("[0]", "[0]")
    #expect(undefined["error"] == "NaN")
    #expect(undefined["checks"][0]["maxRelativeError"] == "NaN")
  }

  @Test(
    "Near 0 and 1, and where the slope is 0, the true gradient passes",
    arguments: [
      ("[1]", "[0.000001]"), ("[0]", "[0.999999]"), ("[0.5]", "[0.5]"),
      ("[0.25, 1]", "[0.25, 1e-9]"),
    ])
  func nearTheEnds(y: String, p: String) async throws {
    let answer = try await crossEntropy(y, p)
    #expect(answer["checks"][0]["result"] == "pass", "\(answer["checks"][0])")
  }

  @Test(
    "Nearer to them than a step of any use, neither gradient passes or fails",
    arguments: [
      ("[0, 1]", "[1e-12, 0.5]"), ("[0, 0, 0, 1]", "[1e-12, 0.5, 0.9, 0.1]"),
      ("[0.1]", "[0.9999999999]"),
    ])
  func tooNearTheEnds(y: String, p: String) async throws {
    let answer = try await crossEntropy(y, p)
    #expect(answer["checks"].list.allSatisfy { $0["result"] == "unmeasurable" })
  }

  @Test("Probabilities only, as many as targets")
  func refusals() async throws {
    #expect(try await crossEntropy("[1]", "[1.5]").field == "p[0]")
    #expect(try await crossEntropy("[-0.1]", "[1]").field == "y[0]")
    #expect(try await crossEntropy("[]", "[]").field == "y")
    let uneven = try await crossEntropy("[1]", "[0, 1]")
    #expect(
      uneven.message
        == "p: expected 1 number, as y has, found 2; give a prediction for each target")
  }
}
