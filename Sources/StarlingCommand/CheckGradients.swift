import ArgumentParser
import Foundation
import Starling
import StarlingData

/// `starling check-gradients`: every gradient beside its finite difference.
struct CheckGradients: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-gradients",
    abstract: "Hold a network's gradients against finite differences of its error.",
    discussion: """
      Three images are shown to the network, built-in digits where they fit and random numbers where \
      they do not. The relative error is that of the slope along random directions; Float allows about \
      0.0001, and 0.001 is the most that passes. Exit code 1 if any gradient fails.
      """)

  @Argument(help: "A model's file.")
  var model: String?

  @Option(help: ArgumentHelp("A network that has learned nothing yet.", valueName: Preset.names))
  var preset: Preset?

  @Flag(help: "Print one JSON document, and nothing else, on standard output.")
  var json = false

  func run() throws {
    try oneNetwork(model, preset)
    let network = try model.map(Network.init(contentsOf:)) ?? fresh(preset ?? .zeroOne)
    let (images, targets) = try samples(for: network)
    let checks = try network.checkGradients(
      loss: network.usualLoss, images: images, targets: targets)
    if json {
      try Console.print(
        json: checks.map {
          Report(
            layer: $0.layer, parameter: $0.parameter, maxRelativeError: $0.maxRelativeError,
            passed: $0.passed)
        })
    } else {
      let width = checks.map { $0.layer.count + $0.parameter.count }.max() ?? 0
      for check in checks {
        let name = "\(check.layer) \(check.parameter)".padding(
          toLength: width + 1, withPad: " ", startingAt: 0)
        Console.print(
          "\(name)  relative error \(String(format: "%.1e", check.maxRelativeError))  "
            + (check.passed ? "passed" : "FAILED"))
      }
    }
    if !checks.allSatisfy(\.passed) { throw ExitCode.failure }
  }

  private func fresh(_ preset: Preset) throws -> Network {
    try Network(
      input: preset.inputShape, seed: 1, recipes: preset.recipes(classes: preset.classes.count))
  }

  /// Three images and what the network should say of them: one class after another.
  private func samples(for network: Network) throws -> (images: Tensor, targets: Tensor) {
    let (batch, outputs) = (3, network.outputShape.count)
    let targets = try Tensor(
      network.outputShape.batched(batch),
      elements: (0..<batch * outputs).map { $0 % outputs == ($0 / outputs) % outputs ? 1 : 0 })
    if network.inputShape == [1, 28, 28] {
      let digits = try BuiltInDigits.load(classes: [0, 1, 2], trainPerClass: 1, testPerClass: 1)
      return (digits.train.images(0..<batch), targets)
    }
    var random = SeededGenerator(seed: 1)
    let images = Tensor(zeros: network.inputShape.batched(batch))
    return (images.map { _ in Float(random.uniform()) }, targets)
  }

  /// What `--json` prints for each tensor.
  private struct Report: Encodable {
    let layer: String
    let parameter: String
    @JSONNumber var maxRelativeError: Double
    let passed: Bool
  }
}

extension Network {
  /// The loss that goes with the last layer: binary cross-entropy behind a sigmoid, categorical behind
  /// a softmax, else the mean squared error.
  var usualLoss: any Loss {
    switch layers.last?.recipe {
    case is Sigmoid: BinaryCrossEntropy()
    case is Softmax: CategoricalCrossEntropy()
    default: MeanSquaredError()
    }
  }
}
