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
    source = .memory(
      try Self.addresses(in: folder).reduce(into: [:]) { files, file in
        files[file.key] = File(name: file.key, contents: try Data(contentsOf: file.value))
      })
  }

  /// The files as they are at each request, for those who are writing them.
  init(readingAnew folder: URL) throws {
    let index = folder.appendingPathComponent("index.html")
    guard FileManager.default.isReadableFile(atPath: index.path) else {
      throw LabError(
        "--site \(folder.path): expected a folder with index.html, found none; give the folder of "
          + "the page")
    }
    source = .folder(folder)
  }

  /// The file that a request asks for; none, if there is no such file.
  func response(to request: Request) -> Response? {
    let path = request.uri.path
    if path == "/" {
      return Response(status: .seeOther, headers: [.location: "/1"])
    }
    if path.last == "/", isPage(path.dropFirst().dropLast()) {
      let query = request.uri.query.map { "?\($0)" } ?? ""
      return Response(status: .seeOther, headers: [.location: path.dropLast() + query])
    }
    guard let file = file(at: path) else { return nil }
    var response = Response(contentType: file.type, bytes: file.bytes)
    let known = request.headers[values: .ifNoneMatch].flatMap { $0.split(separator: ",") }
    if known.contains(where: { $0.trimmingSpaces == file.tag }) {
      response = Response(status: .notModified)
    }
    response.headers[.eTag] = file.tag
    response.headers[.cacheControl] = "no-cache"
    return response
  }

  private func isPage(_ name: some StringProtocol) -> Bool {
    (1...Self.pages).contains { "\($0)" == name }
  }

  private func file(at path: String) -> File? {
    let name = String(path.dropFirst())
    let wanted = isPage(name) ? "index.html" : name
    switch source {
    case .memory(let files):
      return files[wanted]
    case .folder(let folder):
      // One that goes away between the look and the reading is not there.
      guard let address = Self.addresses(in: folder)[wanted] else { return nil }
      return (try? Data(contentsOf: address)).map { File(name: wanted, contents: $0) }
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

  /// All plain files below a folder, by their paths in it, those left out that begin with a dot.
  private static func addresses(in folder: URL) -> [String: URL] {
    let keys: Set<URLResourceKey> = [.isRegularFileKey]
    let path = folder.resolvingSymlinksInPath().standardizedFileURL.path
    let root = path.hasSuffix("/") ? path : path + "/"
    guard
      let walk = FileManager.default.enumerator(
        at: URL(fileURLWithPath: root), includingPropertiesForKeys: Array(keys),
        options: [.skipsHiddenFiles])
    else { return [:] }
    var addresses: [String: URL] = [:]
    for case let url as URL in walk {
      guard (try? url.resourceValues(forKeys: keys))?.isRegularFile == true else { continue }
      addresses[String(url.standardizedFileURL.path.dropFirst(root.count))] = url
    }
    return addresses
  }
}
