import Starling

/// A network at one moment, and what can be asked of it.
///
/// What takes long is computed when it is first asked, once, and on a thread of its own.
struct Model: Sendable {
  /// The network, in the deck's layers.
  let network: Network
  /// The images that it is tested with.
  let test: Dataset

  private let mistake: PlantedMistake
  private let samples: GradientSamples
  /// What it says of the test images, where that was known from the start.
  private let known: Evaluation?
  private let evaluation = Once<Evaluation>()
  private let checks = Once<[GradientCheck]>()

  /// Gradient checks and tests of all models take turns.
  private static let queue = WorkQueue("model")
  /// Along how many directions a gradient is checked.
  private static let directions = 5

  /// A network as it is now.
  ///
  /// - Parameters:
  ///   - network: The network, of the deck's layers or with a mistake planted in them.
  ///   - mistake: The mistake that it is taught with.
  ///   - split: Its images.
  ///   - evaluation: What it says of the test images, where that is known.
  /// - Throws: `ShapeError` when the network is not the deck's.
  init(
    _ network: Network, mistake: PlantedMistake = .none, _ split: DatasetSplit,
    evaluation: Evaluation? = nil
  ) throws(ShapeError) {
    self.network = try DeckNetwork.copy(of: network)
    self.mistake = mistake
    test = split.test
    samples = GradientSamples(split.train)
    known = evaluation
  }

  /// What the network says of the test images.
  func tested() async throws -> Evaluation {
    if let known { return known }
    return try await evaluation.value { [network, test] in
      try await Model.queue.run {
        // A copy, so that the memory for many images at once is given back.
        try DeckNetwork.copy(of: network).evaluate(
          on: test, loss: DeckNetwork.loss, threads: DeckNetwork.threads)
      }
    }
  }

  /// Each gradient, as this network is taught with it, beside its finite difference.
  func gradientChecks() async throws -> [GradientCheck] {
    try await checks.value { [network, mistake, samples] in
      try await Model.queue.run {
        try DeckNetwork.copy(of: network, recipes: mistake.recipes).checkGradients(
          loss: mistake.loss, images: samples.images, targets: samples.targets,
          directions: Model.directions, threads: DeckNetwork.threads)
      }
    }
  }
}

/// What gradients are checked with: the first images of one class, each with the other class as its target.
///
/// So the network errs, and its gradients are large. Where every answer is right, 1 − σ(z) has few digits left
/// in `Float`, and what two classes ask of the last biases nearly cancels: a right gradient would seem wrong.
private struct GradientSamples: Sendable {
  let images: Tensor
  let targets: Tensor

  private static let count = 3

  init(_ dataset: Dataset) {
    let positions = Array(
      dataset.labels.indices.lazy.filter { dataset.labels[$0] == 0 }.prefix(Self.count))
    images = dataset.images(positions)
    targets = dataset.targets(positions).map { 1 - $0 }
  }
}
