import Foundation
import Starling
import StarlingData
import Testing

/// A gzip writer for tests, of one stored block (RFC 1951, RFC 1952).
enum TestGzip {
  static func stored(_ bytes: [UInt8]) -> [UInt8] {
    let length = UInt16(bytes.count)
    let block = [length, ~length].flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] } + bytes
    // The checksum that a PNG chunk ends with is gzip's, written the other way round.
    let checksum = TestPNG.chunk("", bytes).suffix(4).reversed()
    let size = TestPNG.word(bytes.count).reversed()
    return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1] + block + checksum + size
  }
}

@Suite("gzip files")
struct GzipTests {
  let folder: TemporaryFolder
  let whole: [UInt8]

  init() throws {
    folder = try TemporaryFolder()
    // A compressed file of some length, not of one stored block.
    let file = folder.url.appendingPathComponent("whole.gz")
    try IDX(lengths: [400], bytes: (0..<400).map { UInt8($0 * $0 >> 3 & 255) })
      .write(to: file, gzipped: true)
    whole = try [UInt8](Data(contentsOf: file))
  }

  func read(_ bytes: [UInt8]) throws -> IDX {
    try IDX(contentsOf: folder.write(bytes, to: "labels.gz"), axes: 1)
  }

  @Test("a file cut at any byte is an error, never fewer numbers")
  func cut() throws {
    for count in 2..<whole.count {
      expectError(FileError.self, holding: "labels.gz, byte \(count)", "cut") {
        _ = try read(Array(whole.prefix(count)))
      }
    }
  }

  @Test("a wrong checksum, a wrong size and a damaged block are errors")
  func corrupt() throws {
    for (position, part) in [
      (whole.count - 8, "incorrect data check"), (whole.count - 4, "incorrect length check"),
      (2, "unknown compression method"),
    ] {
      var bytes = whole
      bytes[position] ^= 0x55
      expectError(FileError.self, holding: "labels.gz, byte", part, "corrupt") {
        _ = try read(bytes)
      }
    }
    for position in stride(from: 30, to: whole.count - 8, by: 11) {
      var bytes = whole
      bytes[position] ^= 0x10
      #expect(throws: FileError.self) { try read(bytes) }
    }
  }

  @Test("members one after another are one file, split anywhere")
  func members() throws {
    let idx: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9]
    for split in 0...idx.count {
      let bytes = TestGzip.stored(Array(idx[..<split])) + TestGzip.stored(Array(idx[split...]))
      #expect(try read(bytes).bytes == [7, 8, 9])
    }
  }

  @Test("anything else behind a member is an error")
  func trailing() throws {
    let cases: [([UInt8], String)] = [
      ([0], "the end of the file or more gzip data"), ([0x1E, 0x8B], "found other bytes"),
      ([0x1F], "cut"), ([0x1F, 0x8B], "cut"), ([0x1F, 0, 0], "corrupt"),
    ]
    for (garbage, part) in cases {
      expectError(FileError.self, holding: "labels.gz, byte", part) {
        _ = try read(whole + garbage)
      }
    }
  }

  @Test("data that go on after what the header announces are an error, told by the first byte")
  func bomb() throws {
    let file = try folder.write(
      TestGzip.stored([0, 0, 8, 1, 0, 0, 0, 1] + [UInt8](repeating: 0, count: 60_000)), to: "bomb")
    let error = #expect(throws: FileError.self) { try IDX(contentsOf: file, axes: 1) }
    #expect(error?.offset == 9)
    #expect(error?.isOffsetDecompressed == true)
  }
}
