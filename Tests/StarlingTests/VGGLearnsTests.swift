import Starling
import Testing

@Suite("The preset vgg learns")
struct VGGLearnsTests {
  /// Stripes of one of four directions, in a colour and with a phase of chance, under noise.
  private func stripes(_ count: Int, seed: UInt64) throws -> Dataset {
    var random = SeededGenerator(seed: seed)
    let steps = [(0, 1), (1, 0), (1, 1), (1, -1)]
    var pixels: [UInt8] = []
    let labels = (0..<count).map { $0 % steps.count }
    for label in labels {
      let (down, right) = steps[label]
      let phase = Int.random(in: 0..<8, using: &random)
      let colour = (0..<3).map { _ in Int.random(in: 40...160, using: &random) }
      for channel in colour {
        for y in 0..<32 {
          for x in 0..<32 {
            let isLit = (y * down + x * right + phase + 64) % 8 < 4
            let noise = Int.random(in: 0...90, using: &random)
            pixels.append(UInt8((isLit ? channel : 0) + noise))
          }
        }
      }
    }
    return try Dataset(
      imageShape: [3, 32, 32], pixels: pixels, labels: labels,
      classNames: ["across", "down", "falling", "rising"])
  }

  @Test("The error falls to a tenth, and images that it never saw are told apart by its statistics")
  func learns() throws {
    let preset = Preset.vgg
    var network = try Network(
      input: preset.inputShape, seed: 1, recipes: preset.recipes(classes: 4))
    var trainer = Trainer(
      loss: preset.loss, optimizer: SGD(learningRate: preset.learningRate), batchSize: 16)
    let learned = try stripes(128, seed: 1)
    var errors: [Double] = []
    for _ in 1...6 { errors.append(try trainer.epoch(&network, on: learned).error) }
    #expect(errors[5] < errors[0] / 10, "\(errors)")

    // In prediction batch normalization takes the statistics that training has gathered.
    let unseen = try stripes(64, seed: 2)
    let evaluation = try network.evaluate(on: unseen, loss: preset.loss)
    #expect(evaluation.accuracy >= 0.95, "\(evaluation.accuracy)")
  }
}
