/// Colours a terminal's characters by escape sequences (ECMA-48, with xterm's extensions), one for
/// each change of colour and none where the terminal has no colours.
struct TerminalPen {
  private let capability: TerminalCapability
  private var codes = ""

  init(_ capability: TerminalCapability) {
    self.capability = capability
  }

  /// A character in one colour, on another where one is given.
  mutating func draw(_ character: Character, _ color: RGB, on background: RGB? = nil) -> String {
    guard capability != .plain else { return String(character) }
    var wanted = "38;" + code(color)
    if let background { wanted += ";48;" + code(background) }
    guard wanted != codes else { return String(character) }
    codes = wanted
    return "\u{1B}[\(wanted)m\(character)"
  }

  /// Back to the terminal's own colours.
  mutating func lift() -> String {
    guard !codes.isEmpty else { return "" }
    codes = ""
    return "\u{1B}[0m"
  }

  private func code(_ color: RGB) -> String {
    capability == .trueColor
      ? "2;\(color.red);\(color.green);\(color.blue)" : "5;\(color.paletteIndex)"
  }
}

extension RGB {
  /// The nearest of xterm's 256 colours: for greys of the ramp 232…255, with black and white at its
  /// ends; for others of the cube of 6×6×6.
  package var paletteIndex: Int {
    if red == green, green == blue {
      // The ramp's steps are 8, 18, … 238.
      return red < 4 ? 16 : red > 246 ? 231 : 232 + min((Int(red) - 3) / 10, 23)
    }
    // The cube's steps are 0, 95, 135, 175, 215, 255.
    func level(_ value: UInt8) -> Int {
      value < 48 ? 0 : value < 115 ? 1 : (Int(value) - 35) / 40
    }
    return 16 + 36 * level(red) + 6 * level(green) + level(blue)
  }
}
