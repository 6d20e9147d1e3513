/// How many threads may share a piece of work.
///
/// Work is split over outputs: each number is computed whole by one thread, in the same order whatever
/// the number of threads, so that the bits never depend on it.
public struct Threads: Hashable, Sendable {
  /// The number of threads, at least 1.
  public let count: Int

  /// As many threads as there are processors that this process may use.
  ///
  /// On Linux that is what the process's affinity and the processor quota of its control group leave it.
  public static let available = Threads(Processors.usable)

  /// The given number of threads; 1 where a number below it is asked for.
  public init(_ count: Int) {
    self.count = max(1, count)
  }

  /// Runs `body` over parts of `0..<count` that together are the whole, and returns when all are done.
  ///
  /// - Parameters:
  ///   - count: The number of independent pieces.
  ///   - cost: Multiply-adds in all pieces together. Little work stays on the calling thread, since
  ///     waking another takes microseconds.
  ///   - body: The work on one part. It must write nothing that another part reads or writes.
  func split(_ count: Int, cost: Int, _ body: (Range<Int>) -> Void) {
    ThreadPool.shared.run(workers: parts(of: count, cost: cost)) { worker in
      body(worker.share(of: count))
    }
  }

  /// In how many parts `split` runs so many pieces of such a cost.
  package func parts(of count: Int, cost: Int) -> Int {
    min(self.count, count, max(1, cost / Threads.leastCostPerPart))
  }

  /// Below this many multiply-adds, some 30 µs of work, a second thread costs more than it brings:
  /// it has to be woken, and the data has to come to its cache.
  private static let leastCostPerPart = 250_000
}
