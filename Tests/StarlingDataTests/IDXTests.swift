import Foundation
import Starling
import StarlingData
import Testing

@Suite("IDX files")
struct IDXTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// Two images of 2×3 as the format's description has them, byte by byte.
  static let images: [UInt8] =
    [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3] + Array(1...12)

  @Test("a file written byte by byte is read")
  func readsPlain() throws {
    let idx = try IDX(contentsOf: folder.write(Self.images, to: "images"), axes: 3)
    #expect(idx.lengths == [2, 2, 3])
    #expect(idx.bytes == Array(1...12))
  }

  @Test("what is written is those bytes, and gzipped it reads the same under any name")
  func writes() throws {
    let idx = try IDX(lengths: [2, 2, 3], bytes: Array(1...12))
    let plain = folder.url.appendingPathComponent("plain.gz")
    let gzipped = folder.url.appendingPathComponent("gzipped")
    try idx.write(to: plain)
    try idx.write(to: gzipped, gzipped: true)
    #expect(try [UInt8](Data(contentsOf: plain)) == Self.images)
    #expect(try [UInt8](Data(contentsOf: gzipped)).prefix(2) == [0x1F, 0x8B])
    #expect(try IDX(contentsOf: plain, axes: 3) == idx)
    #expect(try IDX(contentsOf: gzipped, axes: 3) == idx)
  }

  @Test("a missing file and a folder are errors that name them")
  func missing() throws {
    expectError(FileError.self, holding: "nowhere", "no such file", "check the path") {
      _ = try IDX(contentsOf: folder.url.appendingPathComponent("nowhere"), axes: 1)
    }
    expectError(FileError.self, holding: folder.url.lastPathComponent, "a folder") {
      _ = try IDX(contentsOf: folder.url, axes: 1)
    }
  }

  @Test("a file cut at any byte is an error with the byte where it ends or begins to lack")
  func cut() throws {
    for count in 0..<Self.images.count {
      let file = try folder.write(Array(Self.images.prefix(count)), to: "cut")
      let error = #expect(throws: FileError.self) {
        try IDX(contentsOf: file, axes: 3)
      }
      // In the header the reader meets the end; of the body it knows in advance.
      #expect(error?.offset == min(count, 16))
      expect(error, holds: ["cut", count == 0 ? "empty" : "fetch or make it anew"])
    }
  }

  @Test("bytes behind the data are an error")
  func trailing() throws {
    let file = try folder.write(Self.images + [0], to: "long")
    let error = #expect(throws: FileError.self) { try IDX(contentsOf: file, axes: 3) }
    #expect(error?.offset == 28)
    expect(error, holds: ["more bytes"])
  }

  @Test("another magic number, labels for images, or another element type is an error")
  func magic() throws {
    for wrong: [UInt8] in [[0x50, 0x4B, 3, 4], [0, 0, 8, 1], [0, 0, 13, 3], [1, 0, 8, 3]] {
      let file = try folder.write(wrong + Self.images.dropFirst(4), to: "wrong")
      expectError(
        FileError.self, holding: "wrong, byte 0", "00000803", "an IDX file of images"
      ) { _ = try IDX(contentsOf: file, axes: 3) }
    }
  }

  @Test("a header that asks for more than there is takes no memory, plain or gzipped")
  func oversized() throws {
    let largest: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
    // 2³²−1 cubed overflows 64 bits; 2³¹ bytes are over the bound; 2²⁹ are within it, and absent.
    let headers: [([UInt8], String)] = [
      (largest + largest + largest, "4294967295×4294967295×4294967295"),
      ([0, 0, 0, 2, 0x40, 0, 0, 0, 0, 0, 0, 1], "at most 1073741824 bytes"),
      ([0, 0, 0, 1, 0x20, 0, 0, 0, 0, 0, 0, 1], "536870912 bytes, 1×536870912×1"),
    ]
    for (lengths, part) in headers {
      let bytes = [0, 0, 8, 3] + lengths + [1, 2, 3]
      let plain = try folder.write(bytes, to: "plain")
      let gzipped = try folder.write(TestGzip.stored(bytes), to: "gzipped")
      for file in [plain, gzipped] {
        expectError(FileError.self, holding: file.lastPathComponent, part, "header") {
          _ = try IDX(contentsOf: file, axes: 3)
        }
      }
    }
  }

  @Test("an axis of length 0 is an error")
  func zero() throws {
    let file = try folder.write([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3], to: "zero")
    let error = #expect(throws: FileError.self) { try IDX(contentsOf: file, axes: 3) }
    #expect(error?.offset == 8)
    expect(error, holds: ["axis 1", "found 0"])
  }

  @Test("an array whose lengths and bytes disagree cannot be made")
  func disagreeing() {
    for (lengths, count) in [([2, 3], 5), ([], 1), ([0], 0), ([-1, -1], 1), ([.max, .max], 1)] {
      expectError(DatasetError.self, holding: "IDX") {
        _ = try IDX(lengths: lengths, bytes: [UInt8](repeating: 0, count: count))
      }
    }
  }

  @Test("a folder that cannot be written to is an error that names the file")
  func unwritable() throws {
    let file = folder.url.appendingPathComponent("no/such/folder/images")
    expectError(FileError.self, holding: "images", "can be written") {
      try IDX(lengths: [1], bytes: [1]).write(to: file)
    }
  }
}
