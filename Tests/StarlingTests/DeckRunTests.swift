import LineByLine
import Starling
import Testing

/// Trains the engine and the formulas side by side: what a single pass hides adds up here.
@Suite("The deck's program in the engine against LineByLine, with the same weights and order")
struct DeckRunTests {
  @Test("Small noise images: every epoch's error to 1e-5, and the same answers")
  func smallImages() throws {
    let data = try noisyHalves(count: 40)
    var random = SplitMix64(seed: 1)
    var formulas = try LineByLine.Network.deck(image: [1, 8, 8], using: &random)
    var engine = try engineNetwork(for: data, withTheWeightsOf: formulas)
    let examples = (0..<data.count).map { index in
      let image = data[index].image.elements.map(Double.init)
      return Example(
        image: Volume(shape: [1, 8, 8], values: image), label: data[index].label, classes: 2)
    }

    let expected = try train(
      &formulas, loss: LineByLine.BinaryCrossEntropy(), on: examples, epochs: 5, learningRate: 2)
    var trainer = Trainer(
      loss: Starling.BinaryCrossEntropy(), optimizer: SGD(learningRate: 2), batchSize: 1,
      keepsOrder: true)
    let found = try (0..<5).map { _ in try trainer.epoch(&engine, on: data).error }

    for (epoch, (found, expected)) in zip(found, expected).enumerated() {
      #expect(abs(found - expected) <= 1e-5 * expected, "epoch \(epoch + 1): \(found), \(expected)")
    }
    #expect(found[4] < found[0] / 2, "a network that does not learn would agree with anything")
    for index in 0..<data.count {
      let answer = try engine.predict(data[index].image)
      let expected = predict(formulas, examples[index].image)
      #expect(answer.scores.count == 2 && expected.scores.count == 2)
      #expect(zip(answer.scores, expected.scores).allSatisfy { abs(Double($0) - $1) < 1e-5 })
    }
  }

  /// The deck's network in the engine, for 8×8 images, with the weights that `LineByLine` has drawn.
  private func engineNetwork(
    for data: Dataset, withTheWeightsOf formulas: LineByLine.Network
  ) throws -> Starling.Network {
    let recipes: [any Recipe] = [
      Convolution(depth: 5, kernelSize: 3, bias: .perPosition), Starling.Sigmoid(), Flatten(),
      Starling.Dense(100), Starling.Sigmoid(), Starling.Dense(2), Starling.Sigmoid(),
    ]
    let first = try #require(formulas.layers[0] as? ConvolutionalLayer)
    let kernels = try Tensor(
      [5, 1, 3, 3], elements: floats(first.kernels.matrices.flatMap(\.values)))
    let biases = try Tensor([5, 6, 6], elements: floats(first.biases.values))
    var parameters = [Parameters](repeating: .none, count: recipes.count)
    parameters[0] = Parameters(["weight": kernels, "bias": biases])
    for position in [3, 5] {
      let dense = try #require(formulas.layers[position] as? LineByLine.Dense)
      let shape: Shape = [dense.weights.rows, dense.weights.columns]
      parameters[position] = Parameters([
        "weight": try Tensor(shape, elements: floats(dense.weights.values)),
        "bias": try Tensor([shape[0]], elements: floats(dense.biases.values)),
      ])
    }
    return try Starling.Network(input: data.imageShape, recipes: recipes, parameters: parameters)
  }

  /// Images of 8×8 whose left or right half is the brighter one, by turns.
  private func noisyHalves(count: Int) throws -> Dataset {
    var noise = SplitMix64(seed: 2)
    let pixels = (0..<count * 64).map { index in
      let isBright = (index % 8 < 4) == (index / 64 % 2 == 0)
      return UInt8(noise.uniform() * (isBright ? 255 : 64))
    }
    return try Dataset(
      imageShape: [1, 8, 8], pixels: pixels, labels: (0..<count).map { $0 % 2 },
      classNames: ["left", "right"])
  }

  private func floats(_ values: [Double]) -> [Float] { values.map { Float($0) } }
}
