import Starling

/// A network that a generator made up: layers of every kind behind each other, of odd sizes.
struct RandomNetwork {
  let input: Shape
  let recipes: [any Recipe]
  let loss: any Loss
  /// How many images a batch of it has.
  let batch: Int
  private let seed: UInt64

  /// The network of a seed.
  ///
  /// Its first layers take images: from none to three groups of a convolution, a normalization, an activation
  /// and a pooling, each of which may be missing. Its last are dense.
  ///
  /// - Parameters:
  ///   - seed: What it is drawn from.
  ///   - withDropout: Whether there may be dropout.
  ///   - isDeep: Whether all convolutions are 3 × 3 over many channels, as Winograd's method wants them.
  init(seed: UInt64, withDropout: Bool = true, isDeep: Bool = false) {
    var draw = Draw(isDeep: isDeep, random: SeededGenerator(seed: seed, stream: 31))
    let input: Shape = [
      isDeep ? draw.one(of: 12, 13, 16, 20, 33) : draw.one(of: 1, 1, 2, 3, 5, 16, 20),
      5 + draw.below(isDeep ? 10 : 20), 5 + draw.below(isDeep ? 10 : 20),
    ]
    var recipes: [any Recipe] = []
    var shape = input
    /// Takes a layer if what comes to it is large enough.
    func add(_ recipe: any Recipe) {
      guard let output = try? recipe.outputShape(for: shape), output.isUsable else { return }
      recipes.append(recipe)
      shape = output
    }
    for _ in 0..<draw.below(4) {
      let isNormalized = draw.isLucky(0.3)
      if draw.isLucky(0.85) {
        add(draw.convolution(cost: shape.count, isNormalized: isNormalized))
      }
      // Numbers that hardly differ would be drawn apart until their rounding shows.
      if isNormalized, shape[1] * shape[2] >= 30 {
        add(BatchNormalization(epsilon: draw.one(of: 1e-2, 1e-3)))
      }
      if draw.isLucky(0.8) { add(draw.activation()) }
      if draw.isLucky(0.4) { add(draw.pooling()) }
    }
    add(draw.isLucky(0.5) ? Flatten() : Reshape([shape.count]))
    for _ in 0..<draw.below(3) {
      if withDropout, draw.isLucky(0.3) { add(Dropout(rate: 0.4)) }
      add(Dense(3 + draw.below(60)))
      if draw.isLucky(0.9) { add(draw.activation()) }
    }
    add(Dense(2 + draw.below(9)))
    switch draw.below(4) {
    case 0:
      add(Sigmoid())
      loss = BinaryCrossEntropy()
    case 1:
      add(draw.isLucky(0.5) ? Tanh() : Sigmoid())
      loss = MeanSquaredError()
    case 2:
      add(Softmax())
      loss = CategoricalCrossEntropy()
    default:
      loss = MeanSquaredError()
    }
    self.input = input
    self.recipes = recipes
    self.seed = seed
    batch = draw.one(of: 1, 1, 2, 3, 7, 15, 16, 17, 32, 33, 40)
  }

  /// The network, with statistics and biases that are not what they start as.
  func network() throws -> Network {
    try Network(input: input, seed: seed, recipes: recipes).unsettled(seed: seed)
  }

  /// Images for it.
  func images(_ count: Int? = nil) -> Tensor {
    var random = SeededGenerator(seed: seed, stream: 32)
    return Tensor(zeros: input.batched(count ?? batch)).map { _ in Float(random.uniform()) }
  }

  /// A data set for it.
  func dataset(_ count: Int) throws -> Dataset {
    try .stripes(
      count, classes: try Network(input: input, seed: 1, recipes: recipes).outputShape.count,
      shape: input, seed: seed)
  }

  /// What a person needs to build it again.
  var description: String {
    "seed \(seed): \(input), batch \(batch): " + recipes.map { "\($0)" }.joined(separator: ", ")
  }

  /// Choices, one after the other.
  private struct Draw {
    let isDeep: Bool
    var random: SeededGenerator

    mutating func below(_ bound: Int) -> Int { random.index(below: bound) }
    mutating func isLucky(_ probability: Double) -> Bool { random.uniform() < probability }
    mutating func one<T>(of choices: T...) -> T { choices[below(choices.count)] }

    mutating func activation() -> any Recipe {
      one(of: ReLU(), ReLU(), Sigmoid(), Tanh())
    }

    mutating func pooling() -> any Recipe {
      let size = one(of: 2, 2, 2, 3)
      let stride = one(of: size, size, 1, 2)
      return isLucky(0.7)
        ? MaxPooling(size: size, stride: stride) : AveragePooling(size: size, stride: stride)
    }

    /// Many channels only for images that are not large: a test has to end.
    ///
    /// A normalization takes a bias of each channel off again: its gradient would be rounding and nothing else.
    mutating func convolution(cost: Int, isNormalized: Bool) -> any Recipe {
      if isDeep {
        return Convolution(
          depth: one(of: 12, 15, 16, 17, 24, 33, 48), kernelSize: 3, padding: below(3),
          bias: isNormalized ? .none : one(of: .perChannel, .none))
      }
      let depth =
        cost > 4000
        ? one(of: 1, 2, 3, 5, 8, 12, 16) : one(of: 1, 3, 6, 12, 15, 16, 17, 20, 24, 25, 32, 33, 48)
      let isSquare = isLucky(0.7)
      let height = one(of: 3, 3, 3, 1, 2, 4, 5)
      let width = isSquare ? height : one(of: 3, 3, 1, 2, 4, 5, 6)
      return Convolution(
        depth: depth, kernelHeight: height, kernelWidth: width,
        stride: one(of: 1, 1, 1, 1, 2, 3), padding: min(below(3), min(height, width) - 1),
        bias: isNormalized
          ? one(of: .none, .perPosition) : one(of: .perChannel, .perChannel, .perPosition, .none))
    }
  }
}

extension Network {
  /// The same network with other biases, scales and statistics than those that it starts with.
  func unsettled(seed: UInt64) throws -> Network {
    var parameters = parameters
    var random = SeededGenerator(seed: seed, stream: 33)
    for layer in parameters.indices {
      for (index, name) in parameters[layer].names.enumerated()
      where name != "weight" || parameters[layer].tensors[index].shape.rank == 1 {
        let spread: Float = name == "running_var" ? 1 : 0.2
        parameters[layer].tensors[index] = parameters[layer].tensors[index].map {
          $0 + Float(random.uniform()) * spread
        }
      }
    }
    return try Network(input: inputShape, recipes: recipes, parameters: parameters)
  }
}

/// Gradient descent with momentum, which no plan has among its steps: v ← μ·v + dE/dθ, θ ← θ − η·v.
struct Momentum: Optimizer {
  var learningRate: Float
  var momentum: Float = 0.9
  private(set) var velocities: [Int: [Float]] = [:]

  init(learningRate: Float) { self.learningRate = learningRate }

  mutating func update(_ parameter: inout Tensor, with gradient: Tensor, at position: Int) {
    var velocity = velocities[position] ?? Array(repeating: 0, count: gradient.count)
    velocities[position] = nil
    for (index, slope) in gradient.elements.enumerated() {
      velocity[index] = momentum * velocity[index] + slope
    }
    var next = velocity.makeIterator()
    parameter = parameter.map { $0 - learningRate * (next.next() ?? .nan) }
    velocities[position] = velocity
  }

  func check() {}
}
