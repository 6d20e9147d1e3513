import Foundation

/// Where what is wrong is told.
enum StandardError {
  /// Prints a line; a reader that has gone away is no reason to end.
  static func print(_ line: String) {
    try? FileHandle.standardError.write(contentsOf: Data("\(line)\n".utf8))
  }
}
