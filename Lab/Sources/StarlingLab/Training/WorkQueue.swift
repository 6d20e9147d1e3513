import Dispatch

/// A thread's worth of computing that is apart from the threads that answer requests.
///
/// Training, gradient checks and pictures take tens of milliseconds and more. On the threads that Swift's
/// tasks share, of which there are as many as processors, two of them would silence the server.
final class WorkQueue: SerialExecutor {
  private let queue: DispatchQueue

  /// A queue of its own.
  ///
  /// A serial queue has a thread whenever it has work, however many others work.
  init(_ label: String) {
    queue = DispatchQueue(label: "starling-lab.\(label)", qos: .utility)
  }

  /// Runs a job of an actor that lives on this queue.
  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let executor = asUnownedSerialExecutor()
    queue.async { job.runSynchronously(on: executor) }
  }

  /// This queue as an actor names it.
  func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    UnownedSerialExecutor(ordinary: self)
  }

  /// Computes something here while the caller waits without holding a thread.
  func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Result(catching: work)) }
    }
  }
}
