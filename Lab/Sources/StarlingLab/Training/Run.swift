import Starling
import Synchronization

/// A network that learns while somebody watches.
///
/// The learning itself is done by a ``Learner`` on a thread of its own. The run says when it goes on and keeps
/// what it came to, and so can be asked at any time.
actor Run {
  nonisolated let id: String
  nonisolated let settings: RunSettings
  nonisolated let begun = ContinuousClock.now

  /// The network as it was after the last epoch, the last single sample, or before the first.
  private(set) var model: Model
  private let classNames: [String]
  private let trainImages: Int
  private let testImages: Int
  /// What learns, for as long as the run is alive: it holds by far the most memory.
  private var learner: Learner?
  /// How many images of an epoch had been shown when the run ended.
  private var lastImagesSeen = 0
  private var history: [EpochRecord] = []
  private var state = RunState.paused
  private var message = ""
  private var events: [RunEvent] = []
  /// Those who wait for events.
  private var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
  private var listenersSoFar = 0

  /// The epochs or the sample that are being learned from now.
  private var work: Task<Void, Never>?
  /// What the run becomes when that is cancelled.
  private var requested = (state: RunState.paused, message: "")
  private let alive = Atomic<Bool>(true)
  private let looked = Mutex(ContinuousClock.now)

  /// With so many events the run cannot be paused again: each is kept for those who come later.
  private static let mostEvents = 1000

  /// A run that has not begun.
  init(id: String, _ settings: RunSettings, on split: DatasetSplit) throws {
    self.id = id
    self.settings = settings
    classNames = split.train.classNames
    trainImages = split.train.count
    testImages = split.test.count
    let (learner, model) = try Learner.begin(settings, on: split)
    self.learner = learner
    self.model = model
  }

  // MARK: - What can be asked at any time

  /// Whether it may still learn.
  nonisolated var isAlive: Bool { alive.load(ordering: .relaxed) }

  /// When somebody last looked.
  nonisolated var lastLook: ContinuousClock.Instant { looked.withLock { $0 } }

  /// Notes that somebody looks.
  nonisolated func look() {
    looked.withLock { $0 = .now }
  }

  /// Where the run stands.
  var report: RunReport {
    RunReport(
      id: id, state: state, settings: settings, epoch: history.count, imagesSeen: imagesSeen,
      trainImages: trainImages, testImages: testImages, history: history, message: message)
  }

  private var imagesSeen: Int {
    learner?.imagesSeen.load(ordering: .relaxed) ?? lastImagesSeen
  }

  /// How many events the run has told.
  var eventCount: Int { events.count }

  /// What the run has told since the event of a number, of which the first is 1; and whether that is all
  /// that it will ever tell.
  func events(after number: Int) -> (events: [RunEvent], isOver: Bool) {
    (Array(events.dropFirst(number)), !state.isAlive)
  }

  /// A signal for each time that there is a new event, until the listener finishes it.
  func listen() -> (signals: AsyncStream<Void>, listener: AsyncStream<Void>.Continuation) {
    let (signals, listener) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    listenersSoFar += 1
    listeners[listenersSoFar] = listener
    listener.onTermination = { [weak self, number = listenersSoFar] _ in
      Task { await self?.forget(listener: number) }
    }
    return (signals, listener)
  }

  private func forget(listener number: Int) {
    listeners[number] = nil
  }

  // MARK: - What it can be told

  /// Begins to learn, or to wait.
  func begin(isPaused: Bool) {
    if isPaused { settle(.paused) } else { goOn() }
  }

  /// Stops after the step under way, so that the run can go on from there.
  func pause() async throws -> RunReport {
    guard state.isAlive else { throw conflict(expected: "running") }
    if state == .running {
      guard events.count < Run.mostEvents else {
        throw RunConflict(
          description: "run: expected fewer than \(Run.mostEvents) events, found as many; "
            + "stop it, or let it run to its end")
      }
      await interrupt(to: .paused)
    }
    return report
  }

  /// Goes on after a pause.
  func resume() async throws -> RunReport {
    await rest()
    guard state.isAlive else { throw conflict(expected: "paused") }
    if state == .paused { goOn() }
    return report
  }

  /// Ends the run after the step under way; one that has ended stays as it is.
  func stop(because message: String = "") async -> RunReport {
    switch state {
    case .running: await interrupt(to: .stopped, message)
    case .paused: settle(.stopped, message)
    case .finished, .stopped, .failed: break
    }
    return report
  }

  /// Learns from one sample.
  func step() async throws -> SampleReport {
    await rest()
    guard state == .paused, let learner else { throw conflict(expected: "paused") }
    let sample = Task { try await takeSample(learner) }
    work = Task { _ = await sample.result }
    return try await sample.value
  }

  // MARK: - Learning

  /// Waits until a pause has been reached, or single samples have been learned from, that are under way.
  private func rest() async {
    while let work, work.isCancelled || state == .paused { await work.value }
  }

  private func goOn() {
    settle(.running)
    requested = (.paused, "")
    guard let learner else { return }
    work = Task { await learn(learner) }
  }

  private func interrupt(to state: RunState, _ message: String = "") async {
    if requested.state != .stopped { requested = (state, message) }
    work?.cancel()
    await work?.value
  }

  private func learn(_ learner: Learner) async {
    defer { work = nil }
    do {
      while history.count < settings.epochs {
        try Task.checkCancellation()
        keep(try await learner.finishEpoch())
      }
      settle(.finished)
    } catch is CancellationError {
      // It may stand in the middle of an epoch.
      if let now = try? await learner.model() { model = now }
      settle(requested.state, requested.message)
    } catch {
      settle(.failed, "\(error)")
    }
  }

  private func takeSample(_ learner: Learner) async throws -> SampleReport {
    defer { work = nil }
    let step: Learner.Step
    do {
      step = try await learner.step()
    } catch let error as any StarlingError {
      if state == .paused { settle(.failed, error.description) }
      throw RunConflict(description: error.description)
    }
    guard state == .paused else { throw conflict(expected: "paused") }
    model = step.model
    if let epoch = step.epoch {
      keep(epoch)
      if history.count == settings.epochs { settle(.finished) }
    }
    return SampleReport(
      index: step.index, label: classNames[step.sample.label], pixels: step.sample.image.rows,
      scores: step.scores, error: step.error, epoch: history.count, imagesSeen: imagesSeen)
  }

  private func keep(_ epoch: Learner.Epoch) {
    history.append(epoch.record)
    model = epoch.model
    tell(.epoch(epoch.record))
  }

  private func settle(_ state: RunState, _ message: String = "") {
    self.state = state
    self.message = message
    alive.store(state.isAlive, ordering: .relaxed)
    if !state.isAlive {
      lastImagesSeen = imagesSeen
      learner = nil
    }
    tell(.state(RunEvent.StateRecord(state: state, message: message)))
  }

  private func tell(_ event: RunEvent) {
    events.append(event)
    for listener in listeners.values { listener.yield() }
  }

  private func conflict(expected: String) -> RunConflict {
    RunConflict(
      description: "run: expected one that is \(expected), found one that is \(state.rawValue); "
        + (state == .running ? "pause it first" : "start another"))
  }
}
