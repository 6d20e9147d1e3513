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
    let mine = arrivals.arrive(index, amongst: count)
    arrivals.wait(index, amongst: count, until: mine)
  }
}
