import Foundation
import LineByLine
import Starling
import StarlingData
import Testing

@Suite("The deck's program on MNIST, line by line, against SciPy")
struct DeckRunOnMNISTTests {
  struct Run: Decodable {
    let epochs: Int
    let learningRate: Double
    let seed: UInt64
    let errors: [Double]
    let testImages: Int
    let testRight: Int
  }

  @Test(
    "Same weights, same order: every epoch's error to 1e-9, and as many test digits right",
    .enabled(
      if: DeckRunOnMNISTTests.isOptimized,
      "in a debug build this takes half an hour; use -c release"),
    .enabled(if: realMNIST != nil, needsMNIST))
  func errors() throws {
    let oracles = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Oracles")
    let run = try JSONDecoder().decode(
      Run.self, from: Data(contentsOf: oracles.appendingPathComponent("deck_run.json")))
    let files = try #require(realMNIST)
    let split = try MNIST.load(files, classes: [0, 1], limitPerClass: 100)
    let (learned, tested) = (examples(split.train), examples(split.test))

    var random = SplitMix64(seed: run.seed)
    var network = try LineByLine.Network.deck(using: &random)
    let errors = try train(
      &network, loss: LineByLine.BinaryCrossEntropy(), on: learned, epochs: run.epochs,
      learningRate: run.learningRate)
    try #require(errors.count == run.errors.count && tested.count == run.testImages)
    for (epoch, (found, expected)) in zip(errors, run.errors).enumerated() {
      #expect(abs(found - expected) <= 1e-9 * expected, "epoch \(epoch + 1): \(found), \(expected)")
    }
    let right = tested.count { $0.target.values[predict(network, $0.image).label] == 1 }
    #expect(right == run.testRight)
  }

  private func examples(_ images: Dataset) -> [Example] {
    images.labels.indices.map { index in
      let bytes = images.pixels[index * 784..<(index + 1) * 784]
      return Example(
        image: Volume(shape: [1, 28, 28], values: bytes.map { Double($0) / 255 }),
        label: images.labels[index], classes: 2)
    }
  }

  /// Whether this was built with optimization.
  static let isOptimized: Bool = {
    #if DEBUG
      false
    #else
      true
    #endif
  }()
}
