/// An opaque colour of three bytes, as the web writes it: `RGB(0x2166AC)`.
public struct RGB: Hashable, Sendable {
  /// How much red, 0 to 255.
  public var red: UInt8
  /// How much green, 0 to 255.
  public var green: UInt8
  /// How much blue, 0 to 255.
  public var blue: UInt8

  /// A colour of the given amounts.
  public init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// A colour from its hexadecimal number, red in the highest of three bytes.
  public init(_ hexadecimal: UInt32) {
    self.init(
      red: UInt8(truncatingIfNeeded: hexadecimal >> 16),
      green: UInt8(truncatingIfNeeded: hexadecimal >> 8),
      blue: UInt8(truncatingIfNeeded: hexadecimal))
  }

  /// A grey from 0, black, to 1, white; what lies beyond either end is drawn as that end, and what
  /// is no number as black.
  public init(grey value: Float) {
    let byte = UInt8((value.clamped(to: 0...1) * 255).rounded())
    self.init(red: byte, green: byte, blue: byte)
  }

  /// The colour as CSS and SVG write it: `#2166AC`.
  public var hexadecimal: String {
    "#"
      + [red, green, blue].map { byte in
        (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }.joined()
  }

  /// How light the colour is to the eye, 0 to 1 (the luma weights of ITU-R BT.601).
  package var lightness: Double {
    (0.299 * Double(red) + 0.587 * Double(green) + 0.114 * Double(blue)) / 255
  }

  /// The colour that lies a fraction of the way towards another.
  package func mixed(with other: RGB, fraction: Double) -> RGB {
    func mix(_ from: UInt8, _ to: UInt8) -> UInt8 {
      UInt8((Double(from) + (Double(to) - Double(from)) * fraction.clamped(to: 0...1)).rounded())
    }
    return RGB(
      red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue))
  }
}

extension BinaryFloatingPoint {
  /// The nearest number in a range; the lower end for what is no number.
  func clamped(to range: ClosedRange<Self>) -> Self {
    self >= range.lowerBound ? min(self, range.upperBound) : range.lowerBound
  }
}
