import Foundation
import Starling
import StarlingData
import Testing

@Suite("Downloads")
struct DownloadTests {
  let folder: TemporaryFolder

  /// What the mirrors of these tests hold.
  static let bytes = [UInt8]("Forty-two kilobytes of numbers would do as well.".utf8)
  static let md5 = "ce22ecc0557d6886a9ab426893d15f65"
  static let file = RemoteFile(name: "numbers.gz", size: bytes.count, md5: md5)

  init() throws {
    folder = try TemporaryFolder()
  }

  func fetch(
    _ files: [RemoteFile] = [file], from servers: [LoopbackServer], into path: String = "",
    timeout: Duration = .seconds(60),
    progress: @escaping @Sendable (DownloadProgress) -> Void = { _ in }
  ) async throws {
    // The servers are to live until the last byte has come.
    defer { withExtendedLifetime(servers) {} }
    let downloader = Downloader(
      mirrors: servers.map(\.url), firstByteTimeout: timeout, stallTimeout: timeout,
      progress: progress)
    try await downloader.fetch(
      files, into: path.isEmpty ? folder.url : folder.url.appendingPathComponent(path))
  }

  func stored(_ name: String = "numbers.gz") throws -> [UInt8] {
    try [UInt8](Data(contentsOf: folder.url.appendingPathComponent(name)))
  }

  @Test("a file arrives whole, in a folder made for it, and nothing else stays there")
  func arrives() async throws {
    let server = try LoopbackServer { $0 == "numbers.gz" ? .file(Self.bytes) : .status(404) }
    let seen = Collector<DownloadProgress>()
    try await fetch(from: [server], into: "a/b") { seen.append($0) }
    #expect(try folder.contents(of: "a/b") == ["numbers.gz"])
    #expect(try stored("a/b/numbers.gz") == Self.bytes)
    #expect(seen.all.last?.bytes == Self.bytes.count)
    #expect(seen.all.last?.total == Self.bytes.count)
    #expect(seen.all.last?.file == "numbers.gz")
  }

  @Test("a file of megabytes arrives, with progress that only grows")
  func large() async throws {
    let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 * 7 >> 3) }
    var checksum = MD5()
    checksum.update(bytes)
    let file = RemoteFile(name: "large", size: bytes.count, md5: checksum.hexadecimal())
    let server = try LoopbackServer { _ in .file(bytes) }
    let seen = Collector<DownloadProgress>()
    try await fetch([file], from: [server]) { seen.append($0) }
    #expect(try stored("large") == bytes)
    let counts = seen.all.map(\.bytes)
    #expect(counts.count > 1)
    #expect(counts == counts.sorted())
  }

  @Test("a file that is there is not asked for")
  func present() async throws {
    try folder.write([1], to: "numbers.gz")
    try await fetch(from: [])
    #expect(try stored() == [1])
  }

  /// What a mirror may do wrong, and what is then said of it.
  static let wrongs: [(LoopbackServer.Answer, String)] = [
    (.status(404), "HTTP status 404"), (.status(503), "HTTP status 503"),
    (.silence, "silent"), (.stall(bytes, after: 10), "silent"),
    (.cut(bytes, after: 10), ""), (.file(Array(bytes.dropLast())), "with MD5"),
    (.file(bytes.reversed()), "with MD5"), (.file(bytes + [0]), "more than 48 bytes"),
    (.file([]), "sent 0 bytes"),
  ]

  /// Short where a test has to wait for it, and even then long enough for a busy machine.
  static func patience(_ index: Int) -> Duration {
    wrongs[index].1 == "silent" ? .seconds(4) : .seconds(60)
  }

  @Test("when a mirror fails, the next is asked", arguments: wrongs.indices)
  func second(_ index: Int) async throws {
    let first = try LoopbackServer { _ in Self.wrongs[index].0 }
    let second = try LoopbackServer { _ in .file(Self.bytes) }
    try await fetch(from: [first, second], timeout: Self.patience(index))
    #expect(try folder.contents() == ["numbers.gz"])
    #expect(try stored() == Self.bytes)
  }

  @Test("when all fail, the error says what each did, and nothing stays", arguments: wrongs.indices)
  func none(_ index: Int) async throws {
    let first = try LoopbackServer { _ in Self.wrongs[index].0 }
    let second = try LoopbackServer { _ in .status(500) }
    let error = await #expect(throws: DownloadError.self) {
      try await fetch(from: [first, second], timeout: Self.patience(index))
    }
    #expect(error?.attempts.map(\.mirror) == [first.url, second.url])
    let reason = try #require(error?.attempts.first?.reason)
    // How a cut transfer is worded is up to the system.
    let part = Self.wrongs[index].1
    #expect(part.isEmpty ? !reason.isEmpty : reason.contains(part))
    expect(error, holds: ["numbers.gz", "127.0.0.1: \(reason)", "HTTP status 500", "--data-dir"])
    #expect(try folder.contents().isEmpty)
  }

  @Test("a mirror that failed is asked last for the files after")
  func order() async throws {
    let asked = Collector<String>()
    let first = try LoopbackServer { name in
      asked.append(name)
      return .status(404)
    }
    let second = try LoopbackServer { _ in .file(Self.bytes) }
    let files = ["a", "b", "c"].map {
      RemoteFile(name: $0, size: Self.bytes.count, md5: Self.md5)
    }
    try await fetch(files, from: [first, second])
    #expect(try folder.contents() == ["a", "b", "c"])
    #expect(asked.all == ["a"])
  }

  @Test("a mirror that is not there is told as such, not waited for")
  func refused() async throws {
    var server: LoopbackServer? = try LoopbackServer { _ in .silence }
    let url = try #require(server?.url)
    server = nil
    let error = await #expect(throws: DownloadError.self) {
      try await Downloader(mirrors: [url, url]).fetch([Self.file], into: folder.url)
    }
    #expect(error?.attempts.count == 2)
    expect(error, holds: ["no connection"])
  }

  @Test("what a killed download left long ago is cleared, what another is writing is not")
  func leftovers() async throws {
    let old = try folder.write([1, 2], to: "numbers.gz.old.part")
    try folder.write([1], to: "numbers.gz.young.part")
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -3_600)], ofItemAtPath: old.path)
    let server = try LoopbackServer { _ in .file(Self.bytes) }
    try await fetch(from: [server])
    #expect(try folder.contents() == ["numbers.gz", "numbers.gz.young.part"])
  }

  @Test("many at once end with one whole file")
  func atOnce() async throws {
    let server = try LoopbackServer { _ in .file(Self.bytes) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { try await fetch(from: [server]) } }
      try await group.waitForAll()
    }
    #expect(try folder.contents() == ["numbers.gz"])
    #expect(try stored() == Self.bytes)
  }

  @Test("a cancelled download ends at once and leaves nothing")
  func cancelled() async throws {
    let asked = Collector<String>()
    let server = try LoopbackServer { name in
      asked.append(name)
      return .silence
    }
    // Patience without end: on a busy machine it may take long until the test goes on.
    let task = Task {
      try await Downloader(mirrors: [server.url], firstByteTimeout: .seconds(3_600))
        .fetch([Self.file], into: folder.url)
    }
    while asked.all.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(try folder.contents().isEmpty)
    withExtendedLifetime(server) {}
  }

  @Test("a folder that cannot be made is an error that names it, whatever the mirrors do")
  func unwritable() async throws {
    try folder.write([1], to: "file")
    let server = try LoopbackServer { _ in .file(Self.bytes) }
    let error = await #expect(throws: FileError.self) {
      try await fetch(from: [server], into: "file/cache")
    }
    expect(error, holds: ["file/cache", "writable"])
  }

  @Test("the checksums of RFC 1321's suite, in one piece and byte by byte")
  func md5() {
    for (text, expected) in [
      ("", "d41d8cd98f00b204e9800998ecf8427e"), ("a", "0cc175b9c0f1b6a831c399e269772661"),
      ("abc", "900150983cd24fb0d6963f7d28e17f72"),
      ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
      ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
      (
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        "d174ab98d277d9f5a5611c2c9f419d9f"
      ),
      (String(repeating: "1234567890", count: 8), "57edf4a22be3c955ac49da2e2107b67a"),
    ] {
      var whole = MD5()
      whole.update(text.utf8)
      #expect(whole.hexadecimal() == expected)
      var pieces = MD5()
      for byte in text.utf8 { pieces.update(CollectionOfOne(byte)) }
      #expect(pieces.hexadecimal() == expected)
    }
  }
}

/// What callbacks on other threads have said, in order.
final class Collector<Element: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var elements: [Element] = []

  func append(_ element: Element) {
    lock.withLock { elements.append(element) }
  }

  var all: [Element] {
    lock.withLock { elements }
  }
}
