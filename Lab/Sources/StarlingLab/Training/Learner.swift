import Starling
import Synchronization

/// A network that is being taught, on a thread of its own.
///
/// It teaches as `starling train` does, so that the same settings give the same numbers. Whoever cancels
/// the task that waits for an epoch stops it after the step under way; the next call goes on from there.
actor Learner {
  /// What an epoch came to, and the network after it.
  struct Epoch: Sendable {
    let record: EpochRecord
    let model: Model
  }

  /// What one sample came to.
  struct Step: Sendable {
    let sample: Sample
    /// Its position among the training images.
    let index: Int
    /// What the network said before it learned from the sample.
    let scores: [Float]
    /// How wrong that was.
    let error: Double
    /// The network after it.
    let model: Model
    /// The epoch, where the sample was its last.
    let epoch: Epoch?
  }

  /// How many images of the epoch under way have been shown; it may be read at any time.
  nonisolated let imagesSeen = Atomic<Int>(0)

  nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

  private let queue = WorkQueue("learner")
  private let split: DatasetSplit
  private let mistake: PlantedMistake
  private var network: Network
  private var trainer: Trainer
  /// How long the epoch under way has been worked on.
  private var spent = Duration.zero

  /// A learner that has not begun, and the network that it begins with.
  static func begin(
    _ settings: RunSettings, on split: DatasetSplit
  ) throws -> (learner: Learner, model: Model) {
    let network = try settings.network(for: split)
    return (
      Learner(settings, network, split),
      try Model(network, mistake: settings.mistake, split)
    )
  }

  private init(_ settings: RunSettings, _ network: Network, _ split: DatasetSplit) {
    self.split = split
    self.network = network
    mistake = settings.mistake
    trainer = settings.trainer
  }

  /// Shows the network the images that are left of the epoch under way, and then the test images.
  ///
  /// - Throws: ``Overflow`` or ``Divergence`` when numbers run away; `CancellationError` when the task is cancelled.
  func finishEpoch() throws -> Epoch {
    let begin = ContinuousClock.now
    defer { spent = trainer.progress.imagesSeen == 0 ? .zero : spent + begin.duration(to: .now) }
    let report = try Overflow.inPlaceOfTrainingError {
      try trainer.epoch(&network, on: split.train) { progress in
        imagesSeen.store(progress.imagesSeen, ordering: .relaxed)
      }
    }
    if let divergence = try Divergence(after: report, network, on: split.train) { throw divergence }
    // What a network with a mistake planted in a gradient answers is right; without it, it answers faster.
    let answering = mistake == .none ? network : try DeckNetwork.copy(of: network)
    let evaluation = try answering.evaluate(
      on: split.test, loss: DeckNetwork.loss, threads: DeckNetwork.threads)
    imagesSeen.store(0, ordering: .relaxed)
    let record = EpochRecord(
      report, evaluation, taking: spent + begin.duration(to: .now),
      kernels: DeckNetwork.kernels(of: network))
    return Epoch(
      record: record,
      model: try Model(network, mistake: mistake, split, evaluation: evaluation))
  }

  /// Shows the network the next sample alone.
  ///
  /// - Throws: ``Overflow`` or ``Divergence`` when numbers run away.
  func step() throws -> Step {
    let begin = ContinuousClock.now
    let index = nextIndex
    let (images, targets) = (split.train.images([index]), split.train.targets([index]))
    let outputs = try network(images, threads: DeckNetwork.threads)
    let error = try trainer.loss.error(of: outputs, for: targets)
    try Overflow.inPlaceOfTrainingError {
      try trainer.step(&network, images: images, targets: targets)
    }
    imagesSeen.store(trainer.progress.imagesSeen, ordering: .relaxed)
    spent += begin.duration(to: .now)
    let epoch = trainer.progress.imagesSeen == split.train.count ? try finishEpoch() : nil
    return Step(
      sample: split.train[index], index: index, scores: outputs.elements, error: error,
      model: try epoch?.model ?? model(), epoch: epoch)
  }

  /// The network as it is now.
  func model() throws -> Model {
    try Model(network, mistake: mistake, split)
  }

  /// The sample that the trainer itself takes next: each epoch has an order of its own.
  private var nextIndex: Int {
    var random = SeededGenerator(seed: trainer.seed, stream: UInt64(trainer.progress.epoch))
    return random.permutation(split.train.count)[trainer.progress.imagesSeen]
  }
}
