import Starling

/// The two networks that are always there: one that has learned, and one that has not; for each set of images.
struct Models: Sendable {
  private let sets: DigitSets
  private let queue = WorkQueue("models")
  private let trained = Self.onePerSet()
  private let untrained = Self.onePerSet()

  /// The networks for some sets of images.
  init(sets: DigitSets) {
    self.sets = sets
  }

  /// The deck's network before the first step.
  func beforeTraining() async throws -> Model {
    try await model(of: untrained, epochs: 0)
  }

  /// The deck's network after the deck's run; it is taught when it is first asked for.
  func afterTraining() async throws -> Model {
    try await model(of: trained, epochs: Preset.zeroOne.epochs)
  }

  /// A network for the set that is preferred now: MNIST may have come since the last time.
  private func model(
    of kept: [DigitSet: Once<Model>], epochs: Int
  ) async throws -> Model {
    let set = await sets.preferred()
    guard let once = kept[set] else { preconditionFailure("there is one for each set") }
    return try await once.value { try await model(of: set, epochs: epochs) }
  }

  private func model(of set: DigitSet, epochs: Int) async throws -> Model {
    let settings = RunSettings(data: set)
    let split = try await sets.split(for: settings)
    return try await queue.run {
      var network = try settings.network(for: split)
      var trainer = settings.trainer
      for _ in 0..<epochs { _ = try trainer.epoch(&network, on: split.train) }
      return try Model(network, split)
    }
  }

  private static func onePerSet() -> [DigitSet: Once<Model>] {
    Dictionary(uniqueKeysWithValues: DigitSet.allCases.map { ($0, Once()) })
  }
}
