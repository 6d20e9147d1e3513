import Foundation
import StarlingLab
import Testing

extension EngineTests {
  /// Mistakes planted on purpose: each is noticed, and by the check that it concerns.
  @Suite struct PlantedMistakeTests {
    /// What fails for each mistake.
    private static let failing: [String: Set<String>] = [
      "none": [],
      "reversedKernelGradient": ["layer 0 weight"],
      "frozenConvolution": ["layer 0 weight", "layer 0 bias"],
      "asPrintedCrossEntropy": [
        "layer 0 weight", "layer 0 bias", "layer 3 weight", "layer 3 bias", "layer 5 weight",
        "layer 5 bias", "network input",
      ],
      "kernelGradientSign": ["layer 0 weight"],
      "untiedBiasSummed": ["layer 0 bias"],
    ]

    @Test func theyAreListed() async throws {
      struct Planted: Decodable {
        let id, title, whatIsWrong: String
      }
      try await EngineClient.withLab { lab in
        let planted = try await lab.get("planted").decoded([Planted].self)
        #expect(Set(planted.map(\.id)) == Set(Self.failing.keys))
        #expect(planted.allSatisfy { !$0.title.isEmpty && $0.whatIsWrong.hasSuffix(".") })
      }
    }

    @Test(arguments: failing.keys.sorted())
    func theGradientCheckNoticesIt(mistake: String) async throws {
      try await EngineClient.withLab { lab in
        let run = try await lab.begin(
          #"{"data": "digits", "mistake": "\#(mistake)", "isPaused": true}"#)
        let checks = try await lab.get("runs/\(run.id)/checks").decoded(ChecksAnswer.self)
        #expect(checks.checks.count == 7)
        #expect(checks.checks.allSatisfy { $0.tolerance == 0.001 })
        #expect(checks.failing == Self.failing[mistake])
      }
    }

    @Test(arguments: 1...3)
    func anHonestRunPassesAllTheWay(seed: Int) async throws {
      try await EngineClient.withLab { lab in
        for epochs in [1, 2, 5, 10, 20] {
          let run = try await lab.run(
            #"{"data": "digits", "seed": \#(seed), "epochs": \#(epochs)}"#)
          let checks = try await lab.get("runs/\(run.id)/checks").decoded(ChecksAnswer.self)
          #expect(checks.failing.isEmpty, "after \(epochs) epochs")
        }
      }
    }

    @Test(arguments: ["reversedKernelGradient", "frozenConvolution", "untiedBiasSummed"])
    func aFallingErrorDoesNotNoticeIt(mistake: String) async throws {
      try await EngineClient.withLab { lab in
        let honest = try await lab.run(#"{"data": "digits"}"#)
        let run = try await lab.run(#"{"data": "digits", "mistake": "\#(mistake)"}"#)
        #expect(run.state == "finished")
        #expect(run.errors[19] < run.errors[0] / 5)
        #expect(run.history[19].testAccuracy >= 0.95)
        // It is planted: the numbers are others.
        #expect(run.errors != honest.errors)
        let checks = try await lab.get("runs/\(run.id)/checks").decoded(ChecksAnswer.self)
        #expect(checks.failing.isSuperset(of: Self.failing[mistake] ?? []))
      }
    }

    @Test func aFrozenConvolutionKeepsItsKernels() async throws {
      try await EngineClient.withLab { lab in
        let run = try await lab.run(
          #"{"data": "digits", "mistake": "frozenConvolution", "epochs": 3}"#)
        #expect(Set(run.history.map(\.kernels)).count == 1)
      }
    }
  }
}
