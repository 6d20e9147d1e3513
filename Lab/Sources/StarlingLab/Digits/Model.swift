import Starling

/// A network at one moment, and what can be asked of it.
///
/// What takes long is computed when it is first asked, once, and on a thread of its own.
actor Model {
  /// The network in the deck's layers: what it answers with.
  nonisolated let network: Network
  /// The images that it learns from, and those that it is tested with.
  nonisolated let split: DatasetSplit

  /// The network as it is taught, with the mistake in it if there is one.
  private let taught: Network
  private let mistake: PlantedMistake
  private var evaluation: Task<Evaluation, any Error>?
  private var checks: Task<[GradientCheck], any Error>?

  /// Gradient checks and tests of all models take turns.
  private static let queue = WorkQueue("model")
  /// With how many images a gradient is checked, and along how many directions.
  private static let (checkedImages, directions) = (3, 5)

  /// A network as it is now.
  ///
  /// - Parameters:
  ///   - network: The network, of the deck's layers or with a mistake planted in them.
  ///   - mistake: That mistake.
  ///   - split: Its images.
  ///   - evaluation: What it says of the test images, where that is known.
  /// - Throws: `ShapeError` when the network is not the deck's.
  init(
    _ network: Network, mistake: PlantedMistake = .none, _ split: DatasetSplit,
    evaluation: Evaluation? = nil
  ) throws(ShapeError) {
    self.network = try DeckNetwork.same(as: network)
    self.split = split
    self.mistake = mistake
    taught = network
    self.evaluation = evaluation.map { known in Task { known } }
  }

  /// What the network says of the test images.
  func tested() async throws -> Evaluation {
    let task =
      evaluation
      ?? Task { [network, split] in
        try await Model.queue.run {
          try network.evaluate(
            on: split.test, loss: DeckNetwork.loss, threads: DeckNetwork.threads)
        }
      }
    evaluation = task
    return try await task.value
  }

  /// Each gradient, as this network is taught with it, beside its finite difference.
  func gradientChecks() async throws -> [GradientCheck] {
    let task =
      checks
      ?? Task { [taught, mistake, split] in
        try await Model.queue.run {
          let positions = split.train.firstOfOneClass(Model.checkedImages)
          return try taught.checkGradients(
            loss: mistake.loss, images: split.train.images(positions),
            targets: split.train.targets(positions), directions: Model.directions)
        }
      }
    checks = task
    return try await task.value
  }
}

extension Dataset {
  /// The positions of the first images of the first class.
  ///
  /// Of one class alone: once a network has learned, the two classes pull at its last biases nearly equally
  /// in opposite directions, and what is left of that gradient drowns in the rounding of `Float`.
  fileprivate func firstOfOneClass(_ count: Int) -> [Int] {
    Array(labels.indices.lazy.filter { labels[$0] == 0 }.prefix(count))
  }
}
