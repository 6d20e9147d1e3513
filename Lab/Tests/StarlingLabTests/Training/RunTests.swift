import Foundation
import HTTPTypes
import Starling
import StarlingData
import StarlingLab
import Testing

extension EngineTests {
  /// Runs: what they compute, and what they can be told.
  @Suite struct RunTests {
    private static let hasMNIST = (try? MNIST.locate()).flatMap { $0 } != nil

    /// The deck's run by the engine alone, as `starling train` does it.
    private static func expected(_ split: DatasetSplit, epochs: Int) throws -> (
      errors: [Double], test: Evaluation
    ) {
      var network = try Network(
        input: [1, 28, 28], seed: 1, recipes: Preset.zeroOne.recipes(classes: 2))
      var trainer = Trainer(
        loss: BinaryCrossEntropy(), optimizer: SGD(learningRate: 0.1), batchSize: 1, seed: 1)
      let errors = try (0..<epochs).map { _ in
        try trainer.epoch(&network, on: split.train).error
      }
      return (errors, try network.evaluate(on: split.test, loss: BinaryCrossEntropy()))
    }

    @Test(.enabled(if: hasMNIST, "MNIST is not here"))
    func theDecksRunOnMNISTGivesTheCommandsNumbers() async throws {
      let split = try await MNIST.load(classes: [0, 1], limitPerClass: 100)
      let expected = try Self.expected(split, epochs: 20)
      try await EngineClient.withLab { lab in
        let run = try await lab.run(#"{"data": "mnist"}"#)
        #expect(run.state == "finished")
        #expect(run.trainImages == 200 && run.testImages == 2115)
        #expect(run.errors == expected.errors)
        #expect(run.errors[19] < run.errors[0] / 5)
        #expect(run.history[19].testError == expected.test.error)
        #expect(run.history[19].testAccuracy == expected.test.accuracy)
      }
    }

    @Test func aRunOnBuiltInDigitsGivesTheCommandsNumbers() async throws {
      let split = try BuiltInDigits.load(classes: [0, 1], trainPerClass: 100)
      let expected = try Self.expected(split, epochs: 20)
      try await EngineClient.withLab { lab in
        let run = try await lab.run(#"{"data": "digits"}"#)
        #expect(run.errors == expected.errors)
        #expect(run.errors[19] < run.errors[0] / 5)
        #expect(run.history[19].testAccuracy == expected.test.accuracy)
      }
    }

    @Test func pausesAndSingleSamplesChangeNoNumber() async throws {
      try await EngineClient.withLab { lab in
        let settings = #""data": "digits", "images": 3, "epochs": 4"#
        let whole = try await lab.run("{\(settings)}")
        let id = try await lab.begin("{\(settings), \"isPaused\": true}").id
        // One epoch and a half in single samples, the rest in one go.
        for taken in 1...9 {
          let sample = try await lab.post("runs/\(id)/step").decoded(SampleAnswer.self)
          #expect(sample.epoch == taken / 6 && sample.imagesSeen == taken % 6)
          #expect(sample.pixels.count == 28 && sample.scores.count == 2 && sample.error > 0)
          #expect(["0", "1"].contains(sample.label) && (0..<6).contains(sample.index))
        }
        #expect(try await lab.post("runs/\(id)/resume").status == .ok)
        let pieces = try await lab.ended(id)
        #expect(pieces.errors == whole.errors)
        #expect(pieces.history.map(\.kernels) == whole.history.map(\.kernels))
        #expect(pieces.history.map(\.testError) == whole.history.map(\.testError))
      }
    }

    @Test func aRunIsPausedResumedAndStoppedAtOnce() async throws {
      try await EngineClient.withLab { lab in
        let id = try await lab.begin(#"{"data": "digits", "images": 1000, "epochs": 100}"#).id
        for (action, state) in [("pause", "paused"), ("resume", "running"), ("stop", "stopped")] {
          try await Task.sleep(for: .milliseconds(200))
          let begin = ContinuousClock.now
          let run = try await lab.post("runs/\(id)/\(action)").decoded(RunAnswer.self)
          #expect(run.state == state)
          // A second is promised on a machine with a processor to spare; the run itself takes ten.
          #expect(begin.duration(to: .now) < .seconds(4))
        }
        let stopped = try await lab.get("runs/\(id)").decoded(RunAnswer.self)
        try await Task.sleep(for: .milliseconds(200))
        let later = try await lab.get("runs/\(id)").decoded(RunAnswer.self)
        #expect(later.epoch == stopped.epoch && later.imagesSeen == stopped.imagesSeen)
      }
    }

    @Test func whatARunCannotDoNowIsAConflict() async throws {
      try await EngineClient.withLab { lab in
        let run = try await lab.run(#"{"data": "digits", "images": 1, "epochs": 1}"#)
        for action in ["pause", "resume", "step"] {
          let answer = try await lab.post("runs/\(run.id)/\(action)")
          #expect(answer.status == .conflict)
          #expect(try answer.problem.message.contains("found one that is finished"))
        }
        #expect(
          try await lab.post("runs/\(run.id)/stop").decoded(RunAnswer.self).state == "finished")
        let other = try await lab.begin(#"{"data": "digits", "images": 1000, "epochs": 100}"#)
        let answer = try await lab.post("runs/\(other.id)/step")
        #expect(answer.status == .conflict)
        #expect(try answer.problem.message.contains("pause it first"))
        _ = try await lab.post("runs/\(other.id)/stop")
      }
    }

    @Test(arguments: [10, 1e6, 1e38])
    func aRateThatDivergesNamesTheLayer(rate: Double) async throws {
      try await EngineClient.withLab { lab in
        let run = try await lab.run(#"{"data": "digits", "learningRate": \#(rate)}"#)
        #expect(run.state == "failed")
        #expect(run.message.hasPrefix("layer "))
        #expect(run.message.hasSuffix("with a smaller learning rate"))
      }
    }

    @Test func settingsOutOfBoundsAreNamed() async throws {
      try await EngineClient.withLab { lab in
        let wrong = [
          ("images", "0"), ("images", "1001"), ("epochs", "101"), ("epochs", "1.5"),
          ("learningRate", "0"), ("learningRate", "1e-60"), ("learningRate", "-0.1"),
          ("learningRate", "2e38"), ("seed", "-1"), ("mistake", "\"other\""), ("data", "\"cifar\""),
          ("isPaused", "1"), ("rate", "1"),
        ]
        for (field, value) in wrong {
          let answer = try await lab.post("runs", "{\"\(field)\": \(value)}")
          #expect(answer.status == .badRequest, "\(field) \(value)")
          #expect(try answer.problem.field == field)
        }
      }
    }

    @Test func mnistThatIsNotHereIsNamed() async throws {
      try await EngineClient.withLab(dataFolder: "/nowhere") { lab in
        let answer = try await lab.post("runs", #"{"data": "mnist"}"#)
        #expect(answer.status == .badRequest)
        #expect(try answer.problem.field == "data")
        let run = try await lab.run(#"{"images": 1, "epochs": 1}"#)
        #expect(run.state == "finished" && run.testImages == 2000)
      }
    }
  }
}

/// One sample as the lab tells of it.
private struct SampleAnswer: Decodable {
  let index, epoch, imagesSeen: Int
  let label: String
  let pixels: [[Float]]
  let scores: [Float]
  let error: Double
}
