import Foundation

/// One line on standard error that shows how far something has come, for a person who is watching.
///
///     epoch 3/20  ████████░░░░░░░░  4,210 images/s  12 s left
struct ProgressLine {
  private let isShown: Bool
  private var lastDrawn = Date.distantPast
  private var isDrawn = false

  /// A line that is shown only where a person is watching, and only if `isWanted`.
  init(isWanted: Bool) {
    isShown = isWanted && Console.isErrorWatched
  }

  /// Draws the line, at most ten times a second.
  mutating func update(
    _ label: @autoclosure () -> String, fraction: @autoclosure () -> Double,
    _ detail: @autoclosure () -> String
  ) {
    // Steps of training may take microseconds: what nobody sees is not even made.
    guard isShown, Date().timeIntervalSince(lastDrawn) >= 0.1 else { return }
    let (label, fraction, detail) = (label(), fraction(), detail())
    // A line that wraps could not be taken away again; Ctrl-C still puts its ^C behind this one.
    let columns = max(0, Console.columns(STDERR_FILENO) - 3)
    let width = max(0, min(24, columns - label.count - detail.count - 4))
    let filled = Int(max(0, min(1, fraction)) * Double(width))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    let line = width > 3 ? "\(label)  \(bar)  \(detail)" : "\(label)  \(detail)"
    Console.write("\r\u{1B}[K" + line.prefix(columns), to: .standardError)
    lastDrawn = Date()
    isDrawn = true
  }

  /// Takes the line away, before something else is printed.
  mutating func clear() {
    guard isDrawn else { return }
    Console.write("\r\u{1B}[K", to: .standardError)
    isDrawn = false
    lastDrawn = .distantPast
  }
}

/// How long something will take yet: `12 s left`, `3 min left`.
func timeLeft(_ seconds: Double) -> String {
  guard seconds.isFinite else { return "" }
  return seconds < 99.5
    ? "\(Int(seconds.rounded(.up))) s left" : "\(Int((seconds / 60).rounded())) min left"
}
