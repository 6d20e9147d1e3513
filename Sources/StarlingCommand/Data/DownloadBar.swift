import Foundation
import StarlingData

/// A progress line that downloads may draw from any thread.
final class DownloadBar: @unchecked Sendable {
  private let lock = NSLock()
  private var line: ProgressLine

  init(isWanted: Bool) {
    line = ProgressLine(isWanted: isWanted)
  }

  func update(_ progress: DownloadProgress) {
    lock.withLock {
      line.update(
        progress.file, fraction: Double(progress.bytes) / Double(max(1, progress.total)),
        "\(grouped(progress.bytes / 1000)) of \(grouped(progress.total / 1000)) kB")
    }
  }

  func clear() {
    lock.withLock { line.clear() }
  }
}
