import Foundation

/// A folder of its own for one test, gone with it.
final class TemporaryFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("starling-test-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: url)
  }

  func file(_ name: String) -> URL { url.appendingPathComponent(name) }

  func path(_ name: String) -> String { file(name).path }

  @discardableResult
  func subfolder(_ name: String) throws -> URL {
    try FileManager.default.createDirectory(at: file(name), withIntermediateDirectories: true)
    return file(name)
  }

  func bytes(of name: String) throws -> [UInt8] { Array(try Data(contentsOf: file(name))) }

  func text(of name: String) -> String {
    (try? Data(contentsOf: file(name))).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  func write(_ bytes: [UInt8], to name: String) throws { try Data(bytes).write(to: file(name)) }

  /// A new file, open for writing.
  func handle(for name: String) throws -> FileHandle {
    try write([], to: name)
    return try FileHandle(forWritingTo: file(name))
  }

  /// The names of all that lies in a folder within, hidden files too; none where there is no folder.
  func names(in name: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path(name))) ?? []).sorted()
  }

  /// All files of a folder within and what they hold.
  func contents(of name: String) throws -> [String: [UInt8]] {
    try Dictionary(
      uniqueKeysWithValues: names(in: name).map { ($0, try bytes(of: name + "/" + $0)) })
  }
}
