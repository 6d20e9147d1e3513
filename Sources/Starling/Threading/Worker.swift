import Synchronization

/// One of the workers of a run.
package struct Worker: Sendable {
  /// Its number, from 0 to `count` - 1.
  package let index: Int
  /// How many workers the run has.
  package let count: Int
  /// Where it meets the others; nil for a worker outside a run.
  let arrivals: Arrivals?

  init(index: Int, count: Int, arrivals: Arrivals) {
    self.index = index
    self.count = count
    self.arrivals = arrivals
  }

  /// A worker outside a run, which can have its share of work but cannot meet the others.
  package init(index: Int, count: Int) {
    self.index = index
    self.count = count
    self.arrivals = nil
  }

  /// A worker that does everything.
  package static let only = Worker(index: 0, count: 1)

  /// The contiguous share of `0..<units` that falls to this worker.
  ///
  /// The shares of all workers together are the whole, in order, and differ by at most one unit.
  package func share(of units: Int) -> Range<Int> {
    index * units / count..<(index + 1) * units / count
  }

  /// Returns when all workers of this run have come here.
  ///
  /// What each of them wrote before, all of them see after. The workers must come to the same barriers,
  /// each to all of them.
  package func barrier() {
    guard count > 1 else { return }
    guard let arrivals else {
      preconditionFailure(
        "worker \(index) of \(count) came to a barrier outside a run, where nobody else will come; "
          + "use ThreadPool.run")
    }
    let mine = arrivals.arrive(index)
    for other in 0..<count where other != index {
      var spin = Spin(for: count)
      while !arrivals.has(other, reached: mine) { spin.turn() }
    }
  }
}

/// How many times each worker has come to a barrier, in all runs.
///
/// The numbers only grow, and only their worker writes them. A worker may pass a barrier when no other's
/// number is below its own. For a few workers nothing is faster, since no two write to the same place.
struct Arrivals: @unchecked Sendable {
  private let memory: UnsafeMutableRawPointer

  /// The bytes from one number to the next.
  ///
  /// Processors fetch memory in lines of 64 or 128 bytes. Two numbers in one line would make their
  /// workers wait for each other at every write.
  static let line = 128

  init(count: Int) {
    memory = .allocate(byteCount: count * Arrivals.line, alignment: Arrivals.line)
    for index in 0..<count {
      (memory + index * Arrivals.line).initializeMemory(as: Atomic<Int>.self, to: Atomic(0))
    }
  }

  private func number(of worker: Int) -> UnsafeMutablePointer<Atomic<Int>> {
    (memory + worker * Arrivals.line).assumingMemoryBound(to: Atomic<Int>.self)
  }

  /// The number of a worker, for itself.
  func count(of worker: Int) -> Int { number(of: worker).pointee.load(ordering: .relaxed) }

  /// Brings a worker that takes part in a run to the number at which the run's caller begins.
  ///
  /// Its own is lower if it was not in the last runs.
  func start(_ worker: Int, at count: Int) {
    number(of: worker).pointee.store(count, ordering: .relaxed)
  }

  /// Raises the number of a worker, for itself, and returns it.
  @discardableResult
  func arrive(_ worker: Int) -> Int {
    let next = count(of: worker) + 1
    number(of: worker).pointee.store(next, ordering: .releasing)
    return next
  }

  /// Whether another worker has come so far; then one sees what it wrote before.
  func has(_ other: Int, reached count: Int) -> Bool {
    number(of: other).pointee.load(ordering: .acquiring) >= count
  }
}
