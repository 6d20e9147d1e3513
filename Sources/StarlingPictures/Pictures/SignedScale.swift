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

  /// How many decimals show two or three digits of the largest number.
  package var decimals: Int {
    limit >= 100 ? 0 : limit >= 10 ? 1 : 2
  }
}

extension Drawing {
  /// Draws a signed scale with its ends and its middle labelled.
  mutating func legend(_ scale: SignedScale, at corner: Point, width: Double = 168) {
    let steps = 42
    let box = Box(x: corner.x, y: corner.y, width: width, height: 8)
    cells(width: 2 * steps + 1, height: 1, in: box) { x, _ in
      scale.color(Float(x - steps) / Float(steps) * scale.limit)
    }
    let limit = shortNumber(Double(scale.limit), digits: 3)
    let baseline = box.bottom + 15
    write("−" + limit, at: Point(box.x, baseline))
    write("0", at: Point(box.center.x, baseline), anchor: .middle)
    write("+" + limit, at: Point(box.right, baseline), anchor: .end)
  }
}
