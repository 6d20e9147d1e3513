import Starling

/// What a request to begin a run asks for.
struct RunRequest: Sendable {
  let settings: RunSettings
  /// Whether the run is to wait before its first step.
  let isPaused: Bool

  private static let (mostImages, mostEpochs, mostSeed) = (1000, 100, 1_000_000)
  /// To far more than any use, so that one can see a run diverge.
  private static let learningRates = 1e-30...1e38

  /// Reads the body, and looks whether the images that it asks for are there.
  ///
  /// - Throws: ``LabError`` naming the field.
  init(_ body: JSONField, _ sets: DigitSets) async throws {
    let fields = try body.object([
      "data", "images", "epochs", "learningRate", "seed", "mistake", "isPaused",
    ])
    let data = fields.optional("data")
    var settings = RunSettings(data: try data?.choice(of: DigitSet.self) ?? .digits)
    if let images = fields.optional("images") {
      settings.images = try images.integer(in: 1...Self.mostImages)
    }
    if let epochs = fields.optional("epochs") {
      settings.epochs = try epochs.integer(in: 1...Self.mostEpochs)
    }
    if let rate = fields.optional("learningRate") {
      settings.learningRate = Float(try rate.number(in: Self.learningRates))
    }
    if let seed = fields.optional("seed") {
      settings.seed = UInt64(try seed.integer(in: 0...Self.mostSeed))
    }
    if let mistake = fields.optional("mistake") {
      settings.mistake = try mistake.choice(of: PlantedMistake.self)
    }
    isPaused = try fields.optional("isPaused")?.bool() ?? false
    if let data {
      _ = try await sets.load(settings.data, askedFor: data)
    } else {
      settings.data = await sets.preferred()
    }
    self.settings = settings
  }
}
