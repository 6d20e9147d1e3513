import Starling

/// Where a run stands.
enum RunState: String, Encodable, Sendable {
  case running
  case paused
  case finished
  case stopped
  case failed

  /// Whether it may still learn.
  var isAlive: Bool { self == .running || self == .paused }
}

/// A run as the page shows it.
struct RunReport: Encodable, Sendable {
  let id: String
  let state: RunState
  let settings: RunSettings
  /// How many whole epochs it has learned for.
  let epoch: Int
  /// How many images of the epoch under way it has been shown.
  let imagesSeen: Int
  /// How many images an epoch shows.
  let trainImages: Int
  /// How many images it is tested with.
  let testImages: Int
  let history: [EpochRecord]
  /// Why it is in this state, where that needs to be said; else empty.
  let message: String
}

/// What one sample came to, as the page shows it.
struct SampleReport: Encodable, Sendable {
  /// The sample's position among the training images.
  let index: Int
  /// What it is.
  let label: String
  let pixels: [[Float]]
  /// What the network said before it learned from the sample.
  let scores: [Float]
  /// How wrong that was.
  let error: Double
  /// How many whole epochs the run has now learned for.
  let epoch: Int
  /// How many images of the epoch under way it has now been shown.
  let imagesSeen: Int
}

/// A run cannot do what it is asked to in the state that it is in.
struct RunConflict: StarlingError {
  let description: String
}
