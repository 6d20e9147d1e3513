import Foundation
import LineByLine
import Testing

@Suite("The deck's program against SciPy, with the same weights and order")
struct DeckRunTests {
  struct Run: Decodable {
    let epochs: Int
    let learningRate: Double
    let seed: UInt64
    let images: Int
    let errors: [Double]
    let testImages: Int
    let testRight: Int
  }

  @Test("Small noise images, as deck_run_synthetic.json has them: every epoch to 1e-9")
  func synthetic() throws {
    let run = try JSONDecoder().decode(Run.self, from: oracle("deck_run_synthetic.json"))
    var noise = SplitMix64(seed: 2)
    let examples = (0..<run.images).map { index in
      let values = (0..<64).map { pixel in
        let isBright = (pixel % 8 < 4) == (index % 2 == 0)
        return isBright ? noise.uniform() : noise.uniform() * 0.25
      }
      return Example(
        image: Volume(shape: [1, 8, 8], values: values), label: index % 2, classes: 2)
    }
    try expectSame(run, image: [1, 8, 8], train: examples, test: examples)
  }

  /// Trains the deck's network as SciPy has done and holds each epoch's error to SciPy's.
  private func expectSame(
    _ run: Run, image: VolumeShape, train examples: [Example], test: [Example]
  ) throws {
    #expect(examples.count == run.images && test.count == run.testImages)
    var random = SplitMix64(seed: run.seed)
    var network = try Network.deck(image: image, using: &random)
    let errors = try train(
      &network, loss: BinaryCrossEntropy(), on: examples, epochs: run.epochs,
      learningRate: run.learningRate)
    #expect(errors.count == run.errors.count)
    for (epoch, (found, expected)) in zip(errors, run.errors).enumerated() {
      #expect(abs(found - expected) <= 1e-9 * expected, "epoch \(epoch + 1): \(found), \(expected)")
    }
    let right = test.filter { $0.target.values[predict(network, $0.image).label] == 1 }.count
    #expect(right == run.testRight)
  }
}
