import Foundation

/// One direction of a chart: how numbers become places, and which numbers are written beside it.
package struct Axis: Hashable, Sendable {
  /// The number at the beginning.
  package let lower: Double
  /// The number at the end.
  package let upper: Double
  /// Whether equal steps are equal factors.
  package let isLogarithmic: Bool
  /// The numbers written beside it.
  package let ticks: [Double]

  /// An axis for amounts: from zero, or logarithmic where all are positive and span two decades.
  ///
  /// What is no number is left out; what is too large to subtract is drawn at 1e300.
  package init(amounts: some Sequence<Double>) {
    let numbers = amounts.filter(\.isFinite).map { $0.clamped(to: -1e300...1e300) }
    let (least, most) = (numbers.min() ?? 0, numbers.max() ?? 1)
    if least > 0, most / least > 100 {
      self.init(logarithmicFrom: least, to: most)
    } else {
      self.init(linearFrom: min(0, least), to: most > min(0, least) ? most : least + 1)
    }
  }

  /// An axis of equal steps of 1, 2 or 5 times a power of ten that begins and ends at a tick.
  private init(linearFrom least: Double, to most: Double) {
    let step = Self.niceStep(for: most - least, atMost: 5)
    let first = (least / step).rounded(.down)
    let last = (most / step).rounded(.up)
    ticks = stride(from: first, through: last, by: 1).map { Self.exact($0, times: step) }
    (lower, upper) = (first * step, last * step)
    isLogarithmic = false
  }

  /// An axis of factors: ticks at 1, 2 and 5 times powers of ten where they are few, else at powers
  /// of ten, else at some of these.
  private init(logarithmicFrom least: Double, to most: Double) {
    let decades = Int(log10(least).rounded(.down))...Int(log10(most).rounded(.up))
    let fine = decades.flatMap { decade in
      [1.0, 2, 5].map { $0 * pow(10, Double(decade)) }
    }
    lower = fine.last { $0 <= least } ?? least
    upper = fine.first { $0 >= most } ?? most
    let (start, end) = (lower, upper)
    let inside = fine.filter { start...end ~= $0 }
    let every = (decades.count + 7) / 8
    ticks =
      inside.count <= 9
      ? inside
      : decades.filter { ($0 - decades.upperBound) % every == 0 }
        .map { pow(10, Double($0)) }.filter { start...end ~= $0 }
    isLogarithmic = true
  }

  /// An axis of whole numbers from the first to the last, ticks at nice ones and at the first.
  package init(wholeFrom first: Int, to last: Int) {
    let step = Int(max(1, Self.niceStep(for: Double(last) - Double(first), atMost: 8)))
    let nice = (first...max(first, last)).lazy.filter { $0 % step == 0 }
    var ticks = Array(nice)
    if let next = ticks.first, next - first > step / 2 { ticks.insert(first, at: 0) }
    if ticks.isEmpty { ticks = [first] }
    self.ticks = ticks.map(Double.init)
    (lower, upper) = (Double(first), Double(max(first, last)))
    isLogarithmic = false
  }

  /// Where a number lies: 0 at the beginning of the axis, 1 at its end, the middle where both are one.
  package func position(of value: Double) -> Double {
    guard upper > lower else { return 0.5 }
    return isLogarithmic
      ? log(value / lower) / log(upper / lower) : (value - lower) / (upper - lower)
  }

  /// The smallest of 1, 2 and 5 times a power of ten that divides a span into at most so many parts.
  package static func niceStep(for span: Double, atMost count: Int) -> Double {
    guard span > 1e-300, span.isFinite else { return 1 }
    let raw = span / Double(count)
    let power = pow(10, log10(raw).rounded(.down))
    // A hair of slack, so that a span of 0.3 in three parts is not missed by rounding.
    let factor = [1.0, 2, 5].first { $0 * power >= raw * (1 - 1e-9) } ?? 10
    return factor * power
  }

  /// A multiple of a step without the rounding errors of a product: 0.3, not 0.30000000000000004.
  private static func exact(_ multiple: Double, times step: Double) -> Double {
    step < 1 ? multiple / (1 / step).rounded() : multiple * step
  }
}
