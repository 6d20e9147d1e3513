import Foundation

/// Colours for numbers with a sign: blue below zero, orange above, near-white at zero.
///
/// Zero is pinned to the middle and both ends lie equally far from it, so that a colour's strength
/// is a number's size. The ends are told apart in every common form of colour blindness, but are
/// equally dark; in print without colour only the + and − of the printed numbers tell them apart.
package struct SignedScale: Hashable, Sendable {
  /// The number whose colour is the positive end; its negative has the negative end.
  package let limit: Float

  package static let negative = RGB(0x2166AC)
  package static let zero = RGB(0xF7F7F7)
  package static let positive = RGB(0xB35806)

  /// The scale that the largest of the numbers just fits; 1 where all are zero or none is a number.
  package init(fitting values: some Sequence<Float>) {
    let largest = values.lazy.filter(\.isFinite).map(abs).max() ?? 0
    limit = largest > 0 ? largest : 1
  }

  /// The colour of a number; none for what is no number.
  package func color(_ value: Float) -> RGB? {
    guard value.isFinite else { return nil }
    return Self.zero.mixed(
      with: value < 0 ? Self.negative : Self.positive,
      fraction: Double(abs(value)) / Double(limit))
  }

  /// The power of ten that printed numbers are counted in: 1 unless they are tiny or huge.
  package var unit: Double {
    0.1..<1000 ~= limit ? 1 : pow(10, log10(Double(limit)).rounded(.down))
  }

  /// A number with its sign, in the scale's unit, with two or three digits of the largest.
  package func text(_ value: Float) -> String {
    let largest = Double(limit) / unit
    return signedNumber(
      Double(value) / unit, decimals: largest >= 100 ? 0 : largest >= 10 ? 1 : 2)
  }
}

extension Drawing {
  /// Draws a signed scale with its name, and its ends and middle labelled.
  mutating func legend(_ name: String, _ scale: SignedScale, at corner: Point, width: Double) {
    legend(
      scale.unit == 1 ? name : "\(name), in units of \(shortNumber(scale.unit))",
      colors: { scale.color((2 * $0 - 1) * scale.limit) },
      labels: (scale.text(-scale.limit), "0", scale.text(scale.limit)), at: corner, width: width)
  }

  /// Draws the scale of numbers from 0 to 1, black to white, with its name.
  mutating func greyLegend(_ name: String, at corner: Point, width: Double) {
    legend(
      name, colors: RGB.init(grey:), labels: ("0", "0.5", "1"), at: corner, width: width)
  }

  /// Draws a bar of the colours of 0…1 with its name above it and three labels below.
  private mutating func legend(
    _ name: String, colors: (Float) -> RGB?, labels: (String, String, String), at corner: Point,
    width: Double
  ) {
    write(name, at: Point(corner.x, corner.y), color: Style.ink)
    let box = Box(x: corner.x, y: corner.y + 9, width: width, height: 8)
    let steps = 64
    cells(width: steps + 1, height: 1, in: box) { x, _ in colors(Float(x) / Float(steps)) }
    frame(box, color: Style.hairline, width: 1)
    let baseline = box.bottom + 15
    write(labels.0, at: Point(box.x, baseline))
    write(labels.1, at: Point(box.center.x, baseline), anchor: .middle)
    write(labels.2, at: Point(box.right, baseline), anchor: .end)
  }
}
