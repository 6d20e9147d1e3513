import Foundation

/// What a terminal can show, beyond letters.
public enum TerminalCapability: Hashable, Sendable {
  /// Any colour, as 24 bits.
  case trueColor
  /// 256 colours, among them 24 greys.
  case palette
  /// No colour: pictures are made of dots.
  case plain

  /// What a terminal can show, or nothing where a picture would be noise: in a file or a pipe, in a
  /// terminal that only prints letters, and where the locale's characters are not UTF-8.
  ///
  /// `NO_COLOR`, set to anything, asks for no colour; `COLORTERM` and `TERM` tell of colour. Where no
  /// locale is set, UTF-8 is assumed.
  ///
  /// - Parameters:
  ///   - environment: The variables of the process.
  ///   - isTerminal: Whether the output goes to a terminal.
  /// - Returns: What can be shown; `nil` for no picture at all.
  public static func detected(
    environment: [String: String], isTerminal: Bool
  ) -> TerminalCapability? {
    func variable(_ name: String) -> String {
      (environment[name] ?? "").lowercased()
    }
    let terminal = variable("TERM")
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].map(variable).first { !$0.isEmpty } ?? "utf-8"
    let isUTF8 = locale.contains("utf-8") || locale.contains("utf8")
    guard isTerminal, isUTF8, !terminal.isEmpty, terminal != "dumb" else { return nil }
    if !variable("NO_COLOR").isEmpty { return .plain }
    if ["truecolor", "24bit"].contains(variable("COLORTERM")) || terminal.hasSuffix("-direct") {
      return .trueColor
    }
    return terminal.contains("256") ? .palette : .plain
  }

  /// What the terminal on a file descriptor can show; standard output by default.
  ///
  /// - Parameter descriptor: An open file descriptor: 1 is standard output, 2 standard error.
  /// - Returns: What can be shown; `nil` for no picture at all.
  public static func current(descriptor: Int32 = 1) -> TerminalCapability? {
    detected(
      environment: ProcessInfo.processInfo.environment, isTerminal: isatty(descriptor) == 1)
  }
}
