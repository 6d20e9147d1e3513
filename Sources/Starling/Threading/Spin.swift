import CStarlingKernels
import Foundation

/// A wait in a loop for something that another thread is about to do.
///
/// At first each turn takes some 25 ns, so that what comes soon is seen at once. A thread that has waited for
/// 15 µs gives way at each turn to any other that could use its processor. Where there are more workers than
/// processors, that is most likely the one that is waited for, and so it gives way early.
struct Spin {
  private var turns = 0
  private let patience: Int

  /// A wait by one of so many workers.
  init(for workers: Int) {
    patience = workers > Threads.available.count ? 10 : 600
  }

  mutating func turn() {
    if turns < patience {
      turns += 1
      starling_pause()
    } else {
      sched_yield()
    }
  }
}
