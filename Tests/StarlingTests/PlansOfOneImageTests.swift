import Starling
import Testing

@Suite("Plans of one image: parts that end within a vector, maps that are reshaped")
struct PlansOfOneImageTests {
  static let trained: [(name: String, input: Shape, recipes: [any Recipe])] = [
    (
      "a large dense layer of few inputs", [6, 5, 4],
      [Flatten(), Dense(120), Tanh(), Dense(200), Tanh(), Dense(3), Softmax()]
    ),
    (
      "rows of 25, a bias for each position", [1, 28, 28],
      [
        Convolution(depth: 5, kernelSize: 4, bias: .perPosition), Sigmoid(), Flatten(), Dense(100),
        Sigmoid(), Dense(3), Softmax(),
      ]
    ),
    (
      "one map of rows of 26", [1, 28, 28],
      [
        Convolution(depth: 1, kernelSize: 3), Sigmoid(), Flatten(), Dense(100), Sigmoid(),
        Dense(3), Softmax(),
      ]
    ),
    (
      "rows of 23", [1, 28, 28],
      [
        Convolution(depth: 3, kernelSize: 6), Sigmoid(), Flatten(), Dense(41), Sigmoid(),
        Dense(3), Softmax(),
      ]
    ),
  ]

  @Test("Three steps of an epoch change the parameters as the layers do", arguments: 0..<4)
  func training(number: Int) throws {
    let c = PlansOfOneImageTests.trained[number]
    var random = SeededGenerator(seed: 7)
    let size = c.input.count
    let dataset = try Dataset(
      imageShape: c.input,
      pixels: (0..<3 * size).map { _ in UInt8.random(in: 0...255, using: &random) },
      labels: [0, 1, 2], classNames: ["a", "b", "c"])
    var plain = try Network(input: c.input, seed: 3, recipes: c.recipes)
    let start = plain
    var byLayers = Trainer(
      loss: CategoricalCrossEntropy(), optimizer: SGD(learningRate: 0.05), batchSize: 1,
      keepsOrder: true)
    for image in 0..<3 {
      try byLayers.stepLayerByLayer(
        &plain, images: dataset.images(image..<image + 1),
        targets: dataset.targets(image..<image + 1))
    }
    var first: Network?
    for threads in [1, 2, 3, 8] {
      var planned = start
      var byPlan = Trainer(
        loss: CategoricalCrossEntropy(), optimizer: SGD(learningRate: 0.05), batchSize: 1,
        keepsOrder: true, threads: Threads(threads))
      #expect(byPlan.isPlanned(planned, batch: 1))
      _ = try byPlan.epoch(&planned, on: dataset)
      for (mine, theirs) in zip(planned.namedParameters, plain.namedParameters) {
        let errors = zip(mine.tensor.elements, theirs.tensor.elements).map { abs($0 - $1) }
        #expect(errors.allSatisfy { $0 <= 2e-6 }, "\(c.name), \(mine.name), \(threads) threads")
      }
      if let first {
        #expect(
          zip(planned.namedParameters, first.namedParameters).allSatisfy {
            $0.tensor.elements == $1.tensor.elements
          }, "\(c.name), \(threads) threads")
      }
      first = first ?? planned
    }
  }

  @Test("Maps that are reshaped to maps before a large dense layer, in a batch of one and of two")
  func reshaped() throws {
    let networks: [(Shape, [any Recipe])] = [
      (
        [1, 14, 14],
        [
          Convolution(depth: 16, kernelSize: 3), ReLU(), Reshape([4, 24, 24]),
          Convolution(depth: 32, kernelSize: 3), ReLU(), Flatten(), Dense(40), Softmax(),
        ]
      ),
      (
        [1, 10, 10],
        [
          Convolution(depth: 32, kernelSize: 3), ReLU(), Reshape([8, 16, 16]), MaxPooling(),
          Flatten(), ReLU(), Dense(60), Softmax(),
        ]
      ),
    ]
    for (input, recipes) in networks {
      let network = try Network(input: input, seed: 5, recipes: recipes)
      var random = SeededGenerator(seed: 9)
      let x = try Tensor(
        input.batched(2),
        elements: (0..<2 * input.count).map { _ in Float.random(in: -1...1, using: &random) })
      let expected = network.outputsLayerByLayer(x).elements
      let both = try network(x).elements
      let alone = try network(x.samples(0..<1)).elements
      #expect(zip(both, expected).allSatisfy { abs($0 - $1) <= 1e-5 })
      #expect(alone == Array(both.prefix(alone.count)))
    }
  }
}
