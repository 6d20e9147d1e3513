import Starling
import Testing

/// Plans of networks with the built-in layers in any order, against the layers themselves.
@Suite("Every network of built-in layers has a plan")
struct EveryNetworkIsPlannedTests {
  /// A kind of layer, with options that fit what comes to it.
  enum Kind: String, CaseIterable, Sendable {
    case convolution, maxPooling, averagePooling, normalization, dropout, relu, sigmoid, tanh
    case softmax, reshape, flatten, dense

    func recipe(for input: Shape) -> any Recipe {
      switch self {
      case .convolution: Convolution(depth: 5, kernelSize: 3, padding: 1)
      case .maxPooling: MaxPooling()
      case .averagePooling: AveragePooling(size: 2, stride: 1)
      // Numbers that hardly differ would be drawn apart until their rounding shows.
      case .normalization: BatchNormalization(epsilon: 1e-2)
      case .dropout: Dropout(rate: 0.4)
      case .relu: ReLU()
      case .sigmoid: Sigmoid()
      case .tanh: Tanh()
      case .softmax: Softmax()
      case .reshape: Reshape(Kind.otherShape(of: input))
      case .flatten: Flatten()
      case .dense: Dense(30)
      }
    }

    /// Maps where there is a vector, and other maps where there are maps.
    private static func otherShape(of shape: Shape) -> Shape {
      let count = shape.count
      let height = (1...count).last { $0 * $0 <= count && count % $0 == 0 } ?? 1
      return shape.rank == 3
        ? [shape[2], shape[0], shape[1]] : [1, height, count / height]
    }
  }

  /// An image, a vector, and what is neither.
  static let inputs: [Shape] = [[2, 6, 7], [3, 18, 17], [24], [4, 5]]

  /// The networks of so many layers of all kinds, in each order in which they fit together.
  private func networks(_ input: Shape, layers: Int) -> [[any Recipe]] {
    var networks: [(recipes: [any Recipe], output: Shape)] = [([], input)]
    for _ in 0..<layers {
      networks = networks.flatMap { network in
        Kind.allCases.compactMap { kind in
          let recipe = kind.recipe(for: network.output)
          return (try? recipe.outputShape(for: network.output)).map {
            (network.recipes + [recipe], $0)
          }
        }
      }
    }
    return networks.map(\.recipes)
  }

  /// What makes a classifier of any layers.
  private static let end: [any Recipe] = [Flatten(), Dense(3), Softmax()]

  private func names(_ recipes: [any Recipe]) -> String {
    recipes.map(\.name).joined(separator: ", ")
  }

  @Test("Each three layers in a row, alone or at the beginning of a classifier", arguments: inputs)
  func threes(_ input: Shape) throws {
    var without: [String] = []
    let all = networks(input, layers: 3)
    for recipes in all {
      for (recipes, loss) in [
        (recipes, MeanSquaredError()), (recipes + Self.end, CategoricalCrossEntropy()),
      ] as [([any Recipe], any Loss)] {
        let network = try Network(input: input, seed: 1, recipes: recipes)
        let trainer = Trainer(loss: loss, optimizer: SGD(learningRate: 0.1))
        for batch in [1, 16]
        where !network.isPlanned(batch: batch) || !trainer.isPlanned(network, batch: batch) {
          without.append("batch \(batch): " + names(recipes))
        }
      }
    }
    #expect(all.count > 300)
    #expect(without == [])
  }

  @Test(
    "Each two layers in a row: predictions, and a step, are those of the layers, with the same bits on any threads",
    arguments: inputs, [1, 3, 18])
  func twos(_ input: Shape, batch: Int) throws {
    for recipes in networks(input, layers: 2) {
      try compare(recipes, MeanSquaredError(), input, batch)
      try compare(recipes + Self.end, CategoricalCrossEntropy(), input, batch)
      // There and back again: from what a layer left to images.
      let maps = try Network(input: input, seed: 1, recipes: recipes).outputShape
      guard maps.rank == 3 else { continue }
      let again: [any Recipe] = [
        Convolution(depth: 17, kernelSize: 1), Dropout(rate: 0.2), ReLU(),
        Convolution(depth: 2, kernelSize: 1),
      ]
      try compare(recipes + again + Self.end, CategoricalCrossEntropy(), input, batch)
    }
  }

  /// Expects that a plan gives what the layers give.
  private func compare(
    _ recipes: [any Recipe], _ loss: any Loss, _ input: Shape, _ batch: Int
  ) throws {
    let start = try Network(input: input, seed: 3, recipes: recipes).unsettled(seed: 4)
    let x = Tensor.random(input.batched(batch), seed: 5)
    let name = names(recipes)
    let outputs = try start(x, threads: Threads(1))
    #expect(distance(outputs, start.outputsLayerByLayer(x)) <= 1e-5, "\(name)")

    let classes = start.outputShape.count
    let targets = try Tensor(
      start.outputShape.batched(batch),
      elements: (0..<batch * classes).map { $0 % classes == ($0 / classes) % classes ? 1 : 0 })
    var plain = start
    var trainer = Trainer(loss: loss, optimizer: SGD(learningRate: 0.05), threads: Threads(1))
    try trainer.stepLayerByLayer(&plain, images: x, targets: targets)
    var bits: [[[UInt32]]] = []
    for threads in [1, 2, 3, 8] {
      var planned = start
      var trainer = Trainer(
        loss: loss, optimizer: SGD(learningRate: 0.05), threads: Threads(threads))
      try trainer.step(&planned, images: x, targets: targets)
      bits.append(planned.bits)
      #expect(try start(x, threads: Threads(threads)).bits == outputs.bits, "\(name)")
      guard threads == 1 else { continue }
      for (mine, theirs) in zip(planned.namedParameters, plain.namedParameters) {
        #expect(distance(mine.tensor, theirs.tensor) <= 2e-5, "\(name): \(mine.name)")
      }
    }
    #expect(bits.allSatisfy { $0 == bits[0] }, "\(name)")
  }
}
