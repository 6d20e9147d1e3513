import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore

/// The page's files.
///
/// A request is looked up among the files that were found, and no path is ever made of it: so
/// nothing but these can be read.
struct Site {
  /// How many pages there are; all of them are `index.html`, which reads its number off the address.
  static let pages = 10

  private let source: Source

  private enum Source {
    case memory([String: File])
    case folder(URL)
  }

  /// The files as they are now, kept in memory.
  init(readingOnce folder: URL) throws {
    source = .memory(try Self.files(in: folder))
  }

  /// The files as they are at each request, for those who are writing them.
  init(readingAnew folder: URL) throws {
    guard try Self.files(in: folder)["index.html"] != nil else {
      throw LabError(
        "--site \(folder.path): expected a folder with index.html, found none; give the folder of "
          + "the page")
    }
    source = .folder(folder)
  }

  /// The file that a request asks for; none, if there is no such file.
  func response(to request: Request) throws -> Response? {
    let path = request.uri.path
    if path == "/" {
      return Response(status: .seeOther, headers: [.location: "/1"])
    }
    guard let file = try file(at: path) else { return nil }
    var response = Response(contentType: file.type, bytes: file.bytes)
    let known = request.headers[values: .ifNoneMatch].flatMap { $0.split(separator: ",") }
    if known.contains(where: { $0.trimmingSpaces == file.tag }) {
      response = Response(status: .notModified)
    }
    response.headers[.eTag] = file.tag
    response.headers[.cacheControl] = "no-cache"
    return response
  }

  private func file(at path: String) throws -> File? {
    let name = String(path.dropFirst())
    let isPage = (1...Self.pages).contains { "\($0)" == name }
    let wanted = isPage ? "index.html" : name
    switch source {
    case .memory(let files): return files[wanted]
    case .folder(let folder): return try Self.files(in: folder)[wanted]
    }
  }

  // MARK: - Files

  private struct File {
    let type: String
    let bytes: ByteBuffer
    /// The entity tag, which changes with the contents.
    let tag: String

    init(name: String, contents: Data) {
      type = Self.types[name.split(separator: ".").last.map(String.init) ?? ""] ?? Self.unknown
      bytes = ByteBuffer(bytes: contents)
      // FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/
      let hash = contents.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { hash, byte in
        (hash ^ UInt64(byte)) &* 0x100_0000_01b3
      }
      tag = "\"\(String(hash, radix: 16))\""
    }

    private static let unknown = "application/octet-stream"
    private static let types = [
      "css": "text/css; charset=utf-8", "html": "text/html; charset=utf-8",
      "ico": "image/x-icon", "js": "text/javascript; charset=utf-8", "json": "application/json",
      "png": "image/png", "svg": "image/svg+xml", "txt": "text/plain; charset=utf-8",
    ]
  }

  /// All plain files below a folder, by their paths in it, parts that begin with a dot left out.
  private static func files(in folder: URL) throws -> [String: File] {
    let keys: [URLResourceKey] = [.isRegularFileKey]
    let root = folder.resolvingSymlinksInPath().standardizedFileURL.path
    guard
      let walk = FileManager.default.enumerator(
        at: URL(fileURLWithPath: root), includingPropertiesForKeys: keys,
        options: [.skipsHiddenFiles])
    else { return [:] }
    var files: [String: File] = [:]
    for case let url as URL in walk {
      guard try url.resourceValues(forKeys: Set(keys)).isRegularFile == true else { continue }
      let name = String(url.standardizedFileURL.path.dropFirst(root.count + 1))
      files[name] = File(name: name, contents: try Data(contentsOf: url))
    }
    return files
  }
}
