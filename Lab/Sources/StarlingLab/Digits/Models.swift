import Starling

/// The two networks that are always there: one that has learned, and one that has not.
struct Models: Sendable {
  private let sets: DigitSets
  private let queue = WorkQueue("models")
  private let trained = Once<Model>()
  private let untrained = Once<Model>()

  /// The networks for some sets of images.
  init(sets: DigitSets) {
    self.sets = sets
  }

  /// The deck's network before the first step.
  func beforeTraining() async throws -> Model {
    try await untrained.value { try await model(epochs: 0) }
  }

  /// The deck's network after the deck's run; it is taught when it is first asked for.
  func afterTraining() async throws -> Model {
    try await trained.value { try await model(epochs: Preset.zeroOne.epochs) }
  }

  private func model(epochs: Int) async throws -> Model {
    let settings = RunSettings(data: await sets.preferred())
    let split = try await sets.split(for: settings)
    return try await queue.run {
      var network = try settings.network(for: split)
      var trainer = settings.trainer
      for _ in 0..<epochs { _ = try trainer.epoch(&network, on: split.train) }
      return try Model(network, split)
    }
  }
}
