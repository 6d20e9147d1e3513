import Foundation

/// What is printed, and where: results on standard output, remarks on standard error.
enum Console {
  /// A line of results.
  static func print(_ line: String = "") {
    write(line + "\n", to: .standardOutput)
  }

  /// That everything printed has arrived, or its reader has gone away by choice.
  ///
  /// - Throws: ``CommandError`` with the first reason why results were lost, such as a full disk.
  static func checkOutput() throws {
    if let reason = lostOutput.reason {
      throw CommandError("standard output: results were lost: \(reason); print them elsewhere")
    }
  }

  private static let lostOutput = LostOutput()

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
  /// A reader that has gone away is no error; anything else that keeps results from arriving is kept
  /// for ``checkOutput()``, because a run has still to save what it has.
  static func write(_ text: String, to handle: FileHandle) {
    do {
      try handle.write(contentsOf: Data(text.utf8))
    } catch {
      let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError ?? error as NSError
      guard handle === FileHandle.standardOutput, cause.code != Int(EPIPE) else { return }
      lostOutput.keep(cause.localizedDescription)
    }
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

/// Why results did not arrive, told by whichever thread printed first in vain.
private final class LostOutput: @unchecked Sendable {
  private let lock = NSLock()
  private var first: String?

  var reason: String? { lock.withLock { first } }

  func keep(_ reason: String) {
    lock.withLock { first = first ?? reason }
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
