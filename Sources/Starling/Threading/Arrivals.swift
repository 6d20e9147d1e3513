import Dispatch
import Synchronization

/// How many times each worker has come to a barrier, in all runs.
///
/// The numbers only grow, and only their worker writes them. A worker may pass a barrier when no other's
/// number is below its own. For a few workers nothing is faster, since no two write to the same place.
///
/// Who has waited in vain for a while sleeps, until the last one comes and wakes it: on a machine with more to do
/// than it has processors, a wait in a loop would keep just that one from coming.
struct Arrivals: @unchecked Sendable {
  private let memory: UnsafeMutableRawPointer

  /// The bytes from one worker's place to the next.
  ///
  /// Processors fetch memory in lines of 64 or 128 bytes. Two numbers in one line would make their
  /// workers wait for each other at every write.
  static let line = 128

  init(count: Int) {
    memory = .allocate(byteCount: (count + 1) * Arrivals.line, alignment: Arrivals.line)
    memory.initializeMemory(as: Atomic<Int>.self, to: Atomic(0))
    for index in 0..<count {
      (memory + (index + 1) * Arrivals.line).initializeMemory(as: Place.self, to: Place())
    }
  }

  /// What is known of a worker.
  private struct Place: ~Copyable {
    /// How many times it has come.
    let number = Atomic(0)
    /// The number that all are to have before it wakes, or -1.
    let awaited = Atomic(-1)
    /// What wakes it.
    let bell = DispatchSemaphore(value: 0)
  }

  /// How many workers sleep, or are about to.
  private var sleepers: UnsafeMutablePointer<Atomic<Int>> {
    memory.assumingMemoryBound(to: Atomic<Int>.self)
  }

  private func place(of worker: Int) -> UnsafeMutablePointer<Place> {
    (memory + (worker + 1) * Arrivals.line).assumingMemoryBound(to: Place.self)
  }

  /// The number of a worker, for itself.
  func count(of worker: Int) -> Int { place(of: worker).pointee.number.load(ordering: .relaxed) }

  /// Brings a worker that takes part in a run to the number at which the run's caller begins.
  ///
  /// Its own is lower if it was not in the last runs.
  func start(_ worker: Int, at count: Int) {
    place(of: worker).pointee.number.store(count, ordering: .relaxed)
  }

  /// Raises the number of one of so many workers, for itself, and returns it.
  @discardableResult
  func arrive(_ worker: Int, amongst workers: Int) -> Int {
    let next = count(of: worker) + 1
    // Who is going to sleep counts itself before it looks at the numbers for the last time: so either it sees
    // this one, or is seen here.
    place(of: worker).pointee.number.store(next, ordering: .sequentiallyConsistent)
    if sleepers.pointee.load(ordering: .sequentiallyConsistent) > 0, have(workers, reached: next) {
      for other in 0..<workers where stopAwaiting(next, by: other) {
        place(of: other).pointee.bell.signal()
      }
    }
    return next
  }

  /// Returns when all of so many workers have come so far as one of them has; then it sees what they wrote
  /// before.
  func wait(_ worker: Int, amongst workers: Int, until count: Int) {
    for other in 0..<workers where other != worker {
      var spin = Spin(for: workers)
      while !has(other, reached: count) {
        guard spin.turn() else { return sleep(worker, amongst: workers, until: count) }
      }
    }
  }

  private func has(_ worker: Int, reached count: Int) -> Bool {
    place(of: worker).pointee.number.load(ordering: .sequentiallyConsistent) >= count
  }

  private func have(_ workers: Int, reached count: Int) -> Bool {
    (0..<workers).allSatisfy { has($0, reached: count) }
  }

  private func sleep(_ worker: Int, amongst workers: Int, until count: Int) {
    place(of: worker).pointee.awaited.store(count, ordering: .relaxed)
    sleepers.pointee.add(1, ordering: .sequentiallyConsistent)
    // Who has taken it off that somebody waits is going to ring.
    if !have(workers, reached: count) || !stopAwaiting(count, by: worker) {
      place(of: worker).pointee.bell.wait()
    }
    sleepers.pointee.subtract(1, ordering: .relaxed)
  }

  /// Takes it off that a worker sleeps until all have come so far; false if it does not.
  private func stopAwaiting(_ count: Int, by worker: Int) -> Bool {
    place(of: worker).pointee.awaited.compareExchange(
      expected: count, desired: -1, ordering: .acquiringAndReleasing
    ).exchanged
  }
}
