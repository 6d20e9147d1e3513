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

  /// The numbers of a channel lie apart in one image and side by side in sixteen: the same sums, read from pixels.
  @Test(
    "Narrow maps before a large dense layer: an image's bits alone and in a batch",
    arguments: [
      // Depth, and what the dense layer gives: parts of whole channels, and others.
      (16, 120), (12, 200), (24, 50), (1, 900), (17, 100), (20, 81),
      // Outputs of a single vector.
      (24, 14),
    ], [5, 6, 8])
  func spread(layer: (depth: Int, outputs: Int), side: Int) throws {
    for activation in [[], [Tanh()]] as [[any Recipe]] {
      let network = try Network(
        input: [1, 2 * side + 4, 2 * side + 4], seed: 5,
        recipes: [
          Convolution(depth: layer.depth, kernelSize: 5), ReLU(), MaxPooling(), Flatten(),
        ] + activation + [Dense(layer.outputs), Sigmoid(), Dense(3), Softmax()])
      let x = Tensor.random([20, 1, 2 * side + 4, 2 * side + 4], seed: 9)
      let expected = network.outputsLayerByLayer(x).elements
      let all = try network(x).elements
      #expect(zip(all, expected).allSatisfy { abs($0 - $1) <= 1e-5 })
      for threads in [1, 2, 3, 8] {
        for image in [0, 17] {
          let alone = try network(x.samples(image..<image + 1), threads: Threads(threads)).elements
          #expect(alone == Array(all[3 * image..<3 * image + 3]), "\(threads) threads")
        }
      }
    }
  }

  @Test("Pixels of a few channels, and which layers are spared to lay numbers out anew")
  func spreadPixels() throws {
    for (depth, size, isSpread) in [(4, 1, true), (16, 5, true), (17, 5, false)] {
      let side = size == 1 ? 20 : 14
      let network = try Network(input: [1, side, side], seed: 5) {
        Convolution(depth: depth, kernelSize: size)
        ReLU()
        MaxPooling()
        Flatten()
        Dense(120)
        Softmax()
      }
      let plan = try #require(try network.planSummary(batchSize: 1))
      #expect(plan.steps.contains { $0.task.contains("layout") } != isSpread, "\(depth) channels")
      let x = Tensor.random([20, 1, side, side], seed: 9)
      let (all, alone) = try (network(x).elements, network(x.samples(0..<1)).elements)
      #expect(alone == Array(all[0..<120]))
      let expected = network.outputsLayerByLayer(x).elements
      #expect(zip(all, expected).allSatisfy { abs($0 - $1) <= 1e-5 })
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
