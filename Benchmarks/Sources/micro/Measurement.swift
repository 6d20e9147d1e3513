import Dispatch

/// How long a piece of work takes at best.
///
/// What disturbs a loop only ever makes it slower, so the best of many rounds is what the machine can do.
enum Measurement {
  /// Nanoseconds of a round: long enough for the clock, short enough to fall between two disturbances.
  private static let round = 2_000_000.0
  private static let rounds = 40

  /// The nanoseconds of one call in the best of many rounds.
  static func nanoseconds(_ work: () -> Void) -> Double {
    work()
    var repeats = 1
    while time(repeats, work) < round, repeats < 1 << 30 { repeats *= 2 }
    return (0..<rounds).map { _ in time(repeats, work) }.min().map { $0 / Double(repeats) } ?? 0
  }

  private static func time(_ repeats: Int, _ work: () -> Void) -> Double {
    let start = DispatchTime.now().uptimeNanoseconds
    for _ in 0..<repeats { work() }
    return Double(DispatchTime.now().uptimeNanoseconds - start)
  }
}

/// What was found of one loop.
struct Finding: Encodable {
  let loop: String
  let size: String
  let threads: Int
  /// Of one run.
  let nanoseconds: Double
  /// Billions of operations a second, a multiply-add being two, as the loop does them.
  var gigaflops: Double?
  /// The share of what as many cores can do in registers.
  var shareOfPeak: Double?
  /// Billions of bytes read and written a second.
  var gigabytes: Double?
  /// Nanoseconds a number.
  var perElement: Double?
}

/// The findings of all loops that were asked for.
struct Report: Encodable {
  let instructionSet: String
  /// What one core can do, in billions of operations a second.
  let peakGigaflops: Double
  var findings: [Finding] = []
}
