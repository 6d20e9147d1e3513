import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore

/// The source of `LineByLine`, which the pages show beside the numbers that it makes.
///
/// They are copies of the very files that were compiled; `Scripts/lab-sources --check` fails when
/// they differ.
struct SourceFiles: Sendable {
  private let files: [String: [String]]

  /// All files of a folder.
  init(in folder: URL) throws {
    var files: [String: [String]] = [:]
    let urls = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    for url in urls where url.pathExtension == "swift" {
      let text = try String(contentsOf: url, encoding: .utf8)
      var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      // What follows the last line feed is no line.
      if lines.last?.isEmpty == true { lines.removeLast() }
      files[url.lastPathComponent] = lines
    }
    self.files = files
  }

  /// The names, in the order of the alphabet.
  var names: [String] { files.keys.sorted() }

  /// The lines of a file.
  func lines(of name: String) throws -> [String] {
    guard let lines = files[name] else {
      throw LabError(
        .notFound, field: "file",
        "file: expected one of those that /api/source lists, found \(quoted(name)); take a name "
          + "from there")
    }
    return lines
  }
}

/// Adds the routes of the source.
func addSourceRoutes(to router: LabRouter, files: SourceFiles) {
  router.get("api/source") { _ in
    Response(json: ["files": files.names])
  }
  router.get("api/source/{file}") { call in
    let name = call.parameter("file")
    return Response(json: FileAnswer(file: name, lines: try files.lines(of: name)))
  }
}

private struct FileAnswer: Encodable {
  let file: String
  let lines: [String]
}
