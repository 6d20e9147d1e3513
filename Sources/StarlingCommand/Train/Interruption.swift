import Dispatch
import Foundation

/// That a signal asked the run to end, and what was to be kept has been kept.
struct Interruption: Error {
  /// SIGINT for Ctrl-C, SIGTERM, or SIGHUP for a terminal that was closed.
  let signal: Int32
}

/// Runs `work` in a task that Ctrl-C, SIGTERM and SIGHUP cancel.
///
/// The same signal again changes nothing: what is to be kept is being kept, which takes a moment.
///
/// - Returns: What `work` came to, and the first of the signals, if any came.
func withInterruption<Value: Sendable>(
  _ work: @escaping @Sendable () async -> Value
) async -> (value: Value, interruption: Interruption?) {
  let task = Task(operation: work)
  let first = FirstSignal()
  let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
    // The signal's own way of ending the process is put off while the source listens.
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler {
      first.keep(number)
      task.cancel()
    }
    source.resume()
    return source
  }
  let value = await task.value
  for source in sources { source.cancel() }
  return (value, first.number.map(Interruption.init))
}

/// The first signal that came, on whatever thread.
private final class FirstSignal: @unchecked Sendable {
  private let lock = NSLock()
  private var first: Int32?

  var number: Int32? { lock.withLock { first } }

  func keep(_ number: Int32) {
    lock.withLock { first = first ?? number }
  }
}
