import Synchronization

/// One of the workers of a run.
package struct Worker: Sendable {
  /// Its number, from 0 to `count` - 1.
  package let index: Int
  /// How many workers the run has.
  package let count: Int

  private let arrivals: Arrivals

  init(index: Int, count: Int, arrivals: Arrivals) {
    self.index = index
    self.count = count
    self.arrivals = arrivals
  }

  /// The only worker of a run.
  static let only = Worker(index: 0, count: 1, arrivals: Arrivals(count: 1))

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
    arrive()
    let mine = arrivalCount
    for other in 0..<count where other != index {
      var spin = Spin(for: count)
      while arrivals[other].pointee.load(ordering: .acquiring) < mine { spin.turn() }
    }
  }

  /// How many times this worker has come to a barrier, in all its runs.
  var arrivalCount: Int { arrivals[index].pointee.load(ordering: .relaxed) }

  /// Lets the others pass that wait for this worker, and does not wait for them.
  func arrive() {
    arrivals[index].pointee.store(arrivalCount + 1, ordering: .releasing)
  }

  /// Takes over the count of the run's caller, which other runs have moved on.
  func start(from count: Int) {
    arrivals[index].pointee.store(count, ordering: .relaxed)
  }
}

/// How many times each worker has come to a barrier: numbers that only grow, and that only their worker writes.
///
/// A worker may pass when no other worker's number is below its own. For a few workers this is the fastest of
/// barriers, since no two of them write to the same place.
struct Arrivals: @unchecked Sendable {
  private let memory: UnsafeMutableRawPointer

  /// The bytes from one count to the next.
  ///
  /// Processors fetch memory in lines of 64 or 128 bytes. Two counts in one line would make their
  /// workers wait for each other at every write.
  static let line = 128

  init(count: Int) {
    memory = .allocate(byteCount: count * Arrivals.line, alignment: Arrivals.line)
    for index in 0..<count {
      (memory + index * Arrivals.line).initializeMemory(as: Atomic<Int>.self, to: Atomic(0))
    }
  }

  subscript(index: Int) -> UnsafeMutablePointer<Atomic<Int>> {
    (memory + index * Arrivals.line).assumingMemoryBound(to: Atomic<Int>.self)
  }
}
