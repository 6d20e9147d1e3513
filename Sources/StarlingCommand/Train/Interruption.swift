import Dispatch
import Foundation

/// That the user pressed Ctrl-C, and what was to be kept has been kept.
struct Interruption: Error {}

/// Runs `work` in a task that Ctrl-C cancels; a second Ctrl-C ends the process at once.
func withInterruption<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) async -> Value
{
  let task = Task(operation: work)
  // The signal's own way of ending the process is put off while the source listens.
  signal(SIGINT, SIG_IGN)
  let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
  source.setEventHandler {
    task.cancel()
    signal(SIGINT, SIG_DFL)
  }
  source.resume()
  let value = await task.value
  source.cancel()
  signal(SIGINT, SIG_DFL)
  return value
}
