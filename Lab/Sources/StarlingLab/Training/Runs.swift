import Starling

/// The runs of this server: so many, for so long, and only while somebody looks.
package actor Runs {
  /// How many runs there may be, and for how long.
  package struct Limits: Sendable {
    /// How many may run or wait at the same time.
    package var alive = 4
    /// How many are kept, those that have ended included; of these the one goes first that nobody has looked
    /// at for longest.
    package var kept = 16
    /// How long a run may be alive.
    package var lifetime = Duration.seconds(600)
    /// After how long a run is gone that nobody looks at.
    package var unseen = Duration.seconds(120)

    /// What holds where nothing is said.
    package init() {}
  }

  private let limits: Limits
  private var runs: [String: Run] = [:]
  /// How many are being begun, whose images are still drawn or read.
  private var beginning = 0
  private var tidying: Task<Void, Never>?

  /// No runs yet.
  init(limits: Limits) {
    self.limits = limits
  }

  /// Begins a run.
  ///
  /// - Parameters:
  ///   - settings: What it is asked to do.
  ///   - isPaused: Whether it waits before its first step.
  ///   - images: Gives its images; it is only asked for them where there may be another run.
  /// - Returns: The run, which has begun.
  /// - Throws: ``TooManyRuns`` where there are as many as there may be; what `images` throws.
  func begin(
    _ settings: RunSettings, isPaused: Bool, images: () async throws -> DatasetSplit
  ) async throws -> Run {
    guard runs.values.count(where: \.isAlive) + beginning < limits.alive else {
      throw TooManyRuns(limit: limits.alive)
    }
    let split = try await reserved(images)
    while runs.count >= limits.kept,
      let oldest = runs.values.filter({ !$0.isAlive }).min(by: { $0.lastLook < $1.lastLook })
    {
      runs[oldest.id] = nil
    }
    let run = try Run(id: newID(), settings, on: split)
    runs[run.id] = run
    if tidying == nil { tidying = Task { await tidy() } }
    await run.begin(isPaused: isPaused)
    return run
  }

  /// Images for a run that is counted while they are drawn or read.
  private func reserved(_ images: () async throws -> DatasetSplit) async throws -> DatasetSplit {
    beginning += 1
    defer { beginning -= 1 }
    return try await images()
  }

  /// The run of an id, which is thereby looked at; nil where there is none, or it is gone.
  func run(_ id: String) -> Run? {
    let run = runs[id]
    run?.look()
    return run
  }

  /// A name that nobody can guess, for 64 random bits.
  private func newID() -> String {
    let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Ends what has taken too long and forgets what nobody looks at, for as long as there is a run.
  private func tidy() async {
    while !runs.isEmpty {
      try? await Task.sleep(for: min(.seconds(1), limits.unseen / 4))
      let now = ContinuousClock.now
      for run in runs.values {
        if now - run.lastLook > limits.unseen {
          runs[run.id] = nil
          _ = await run.stop(because: "nobody has looked at it for \(limits.unseen.words)")
        } else if run.isAlive, now - run.begun > limits.lifetime {
          _ = await run.stop(
            because: "it has taken \(limits.lifetime.words), as long as a run may; start another")
        }
      }
    }
    tidying = nil
  }
}

/// There are as many runs as there may be.
struct TooManyRuns: StarlingError {
  let limit: Int

  var description: String {
    "runs: expected fewer than \(limit) that run or are paused, found \(limit); stop one of them, or "
      + "wait until they end"
  }
}

extension Duration {
  /// The duration in words, for whole minutes or seconds.
  fileprivate var words: String {
    let seconds = components.seconds
    return seconds >= 120 && seconds % 60 == 0 ? "\(seconds / 60) minutes" : "\(seconds) seconds"
  }
}
