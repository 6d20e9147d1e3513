import Foundation

/// What several workers do together.
///
/// It is shared by all of them while they run, so it must write nothing that another worker reads or
/// writes before the next barrier.
package protocol SharedWork {
  /// Does the part of one worker.
  func run(_ worker: Worker)
}

/// The threads of the process that work for the engine.
///
/// A run is the same code on several workers at once, each of which takes its share and meets the others at
/// barriers. Worker 0 is the thread that calls; the others are threads of the pool, started the first time
/// that a run needs them, and kept. Between runs they look out for the next one for some microseconds, then
/// sleep.
package final class ThreadPool: @unchecked Sendable {
  /// The pool of this process.
  package static let shared = ThreadPool()

  /// A run has at most so many workers, however many are asked for.
  package static let mostWorkers = 256

  /// Held by the caller whose run is under way; it guards `threads`.
  private let turn = NSLock()
  private var threads: [PoolThread] = []
  private let arrivals = Arrivals(count: mostWorkers)

  private init() {
    threads.reserveCapacity(ThreadPool.mostWorkers)
  }

  /// Runs `work` once on each of `count` workers at the same time, and returns when all are done.
  ///
  /// Nothing is allocated, unless threads are missing. A second caller waits until the first one's run has
  /// ended. A worker of a run cannot make another with more than 1 worker: it would wait for itself.
  ///
  /// - Parameters:
  ///   - count: How many workers there shall be. There are fewer if the system refuses threads, as the
  ///     `count` of each worker says.
  ///   - work: What each of them does.
  package func run(workers count: Int, _ work: some SharedWork) {
    guard count > 1 else { return work.run(.only) }
    precondition(
      !PoolThread.isCurrentWorking,
      "ThreadPool.run(workers: \(count)) was called by a worker of another run, which it would wait for; "
        + "expected 1 worker there, or a call outside the run")
    turn.lock()
    PoolThread.isCurrentWorking = true
    defer {
      PoolThread.isCurrentWorking = false
      turn.unlock()
    }
    let count = startThreads(forWorkers: min(count, ThreadPool.mostWorkers))
    let caller = Worker(index: 0, count: count, arrivals: arrivals)
    let start = arrivals.count(of: 0)
    withUnsafePointer(to: work) { work in
      for index in 1..<count {
        threads[index - 1].hand(Assignment(start: start, count: count, work: Borrowed(work: work)))
      }
      work.pointee.run(caller)
      caller.barrier()
    }
  }

  /// Runs `body` once on each of `count` workers at the same time, and returns when all are done.
  ///
  /// This is the other `run` for a closure. One that does not escape can be stored only in a box, so it
  /// costs a small allocation.
  package func run(workers count: Int, _ body: (Worker) -> Void) {
    guard count > 1 else { return body(.only) }
    withoutActuallyEscaping(body) { run(workers: count, ClosureWork(body: $0)) }
  }

  /// Starts the threads that are missing, and returns how many workers there can be.
  private func startThreads(forWorkers count: Int) -> Int {
    while threads.count < count - 1,
      let thread = PoolThread(index: threads.count + 1, arrivals: arrivals)
    {
      threads.append(thread)
    }
    return min(count, threads.count + 1)
  }
}

/// A closure as work.
private struct ClosureWork: SharedWork {
  let body: (Worker) -> Void

  func run(_ worker: Worker) { body(worker) }
}

/// Work that lies on the caller's stack until the run has ended.
///
/// It is a pointer, which fits into an `any SharedWork` without an allocation whatever the work's size.
private struct Borrowed<Work: SharedWork>: SharedWork {
  let work: UnsafePointer<Work>

  func run(_ worker: Worker) { work.pointee.run(worker) }
}
