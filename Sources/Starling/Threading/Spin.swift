import CStarlingKernels
import Dispatch
import Foundation
import Synchronization

/// A wait in a loop for something that another thread is about to do.
///
/// At first each turn takes some 25 ns, so that what comes soon is seen at once. A thread that has waited for
/// 15 µs gives way at each turn to any other that could use its processor. Where there are more workers than
/// processors, that is most likely the one that is waited for, and so it gives way early.
///
/// After 50 µs more it is time to sleep. To wake a thread costs the waker some microseconds and takes 10 or
/// more, as long as a whole step of a small network. But where other programs use the processors too, who gives
/// way is out for milliseconds, and who sleeps is back as soon as it is woken. So after such a time nobody gives
/// way for a hundred times as long.
struct Spin {
  private var turns = 0
  private let patience: Int
  /// When it began to give way.
  private var start: UInt64 = 0

  /// A wait by one of so many workers.
  init(for workers: Int) {
    patience = workers > Threads.available.count ? 10 : 600
  }

  /// Waits a little; false when it is time to sleep.
  mutating func turn() -> Bool {
    turns += 1
    guard turns > patience else {
      starling_pause()
      return true
    }
    let now = DispatchTime.now().uptimeNanoseconds
    if turns == patience + 1 { start = now }
    guard now - start < Spin.nanosecondsGivingWay,
      now >= Spin.crowdedUntil.load(ordering: .relaxed)
    else { return false }
    sched_yield()
    let end = DispatchTime.now().uptimeNanoseconds
    if end - now > Spin.nanosecondsOut {
      Spin.crowdedUntil.store(end + 100 * (end - now), ordering: .relaxed)
    }
    return true
  }

  private static let nanosecondsGivingWay: UInt64 = 50_000

  /// Out for so long, a thread has given way to another program.
  private static let nanosecondsOut: UInt64 = 500_000

  /// Until when nobody gives way.
  private static let crowdedUntil = Atomic<UInt64>(0)
}
