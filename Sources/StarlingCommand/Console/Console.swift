import Foundation

/// What is printed, and where: results on standard output, remarks on standard error.
enum Console {
  /// A line of results.
  static func print(_ line: String = "") {
    write(line + "\n", to: .standardOutput)
  }

  /// A remark that is not a result.
  static func note(_ line: String) {
    write(line + "\n", to: .standardError)
  }

  /// `error: …`.
  static func error(_ message: String) {
    write("error: \(message)\n", to: .standardError)
  }

  /// A JSON document.
  static func print(json value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
  }

  /// Text as it is.
  ///
  /// A reader that has gone away is no error.
  static func write(_ text: String, to handle: FileHandle) {
    try? handle.write(contentsOf: Data(text.utf8))
  }

  /// Whether a person is reading standard error.
  static var isErrorWatched: Bool { isatty(STDERR_FILENO) == 1 }

  /// The width of the terminal behind a file descriptor, in characters; 80 where nobody knows.
  static func columns(_ descriptor: CInt) -> Int {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}

/// A whole number with its thousands apart: `12,665`.
func grouped(_ number: Int) -> String {
  let digits = String(abs(number))
  var result = ""
  for (position, digit) in digits.enumerated() {
    if position > 0, (digits.count - position).isMultiple(of: 3) { result += "," }
    result.append(digit)
  }
  return (number < 0 ? "-" : "") + result
}

/// A number with a fixed count of decimals.
func fixed(_ number: Double, _ decimals: Int) -> String {
  String(format: "%.\(decimals)f", number)
}

/// A share as a percentage, `99.86 %`, which is 100 % only when nothing is missing.
func share(_ part: Int, of whole: Int) -> String {
  let hundredths = Double(part) / Double(whole) * 10_000
  let shown = part < whole ? min(hundredths.rounded(), 9_999) : hundredths
  return fixed(shown / 100, 2) + " %"
}
