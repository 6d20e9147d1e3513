import Foundation
import Starling
import StarlingData
import Testing

@Suite("IDX files of which some images are chosen")
struct IDXChoiceTests {
  let folder: TemporaryFolder
  static let count = 900

  init() throws {
    folder = try TemporaryFolder()
  }

  /// Writes images of noise, 20×20, with the labels 0, 1, 2, 0, 1, 2 and so on.
  func write(gzipped: Bool) throws {
    var random = SeededGenerator(seed: 7)
    let suffix = gzipped ? ".gz" : ""
    try FileManager.default.createDirectory(at: set, withIntermediateDirectories: true)
    for (half, count) in [("train", Self.count), ("t10k", 30)] {
      // As in pictures, most bytes are zero.
      let pixels = (0..<count * 400).map { _ in
        UInt8(random.index(below: 4) == 0 ? random.index(below: 256) : 0)
      }
      try IDX(lengths: [count, 20, 20], bytes: pixels).write(
        to: set.appendingPathComponent("\(half)-images-idx3-ubyte\(suffix)"), gzipped: gzipped)
      try IDX(lengths: [count], bytes: (0..<count).map { UInt8($0 % 3) }).write(
        to: set.appendingPathComponent("\(half)-labels-idx1-ubyte\(suffix)"), gzipped: gzipped)
    }
  }

  var set: URL { folder.url.appendingPathComponent("set") }

  func edit(_ change: (inout [UInt8]) -> Void) throws {
    let name = "train-images-idx3-ubyte"
    let plain = set.appendingPathComponent(name)
    let file =
      FileManager.default.fileExists(atPath: plain.path)
      ? plain : set.appendingPathComponent(name + ".gz")
    var bytes = try [UInt8](Data(contentsOf: file))
    change(&bytes)
    try Data(bytes).write(to: file)
  }

  @Test("the images are those that choosing from the whole gives", arguments: [true, false])
  func same(_ gzipped: Bool) throws {
    try write(gzipped: gzipped)
    let whole = try IDXFolder.load(directory: set)
    #expect(whole.train.count == Self.count)
    for (classes, limit) in [
      ([2, 0], 5), ([1], nil), (nil, 1), (nil, 250), ([0, 1, 2], nil), ([2], 1_000),
    ] as [([Int]?, Int?)] {
      let chosen = try whole.choosing(classes: classes, limitPerClass: limit)
      let read = try IDXFolder.load(directory: set, classes: classes, limitPerClass: limit)
      for (one, other) in [(chosen.train, read.train), (chosen.test, read.test)] {
        #expect(one.pixels == other.pixels)
        #expect(one.labels == other.labels)
        #expect(one.classNames == other.classNames)
      }
    }
  }

  @Test("a cut file and bytes behind the data are errors, however few images are wanted")
  func wholeness() throws {
    let cases: [(Bool, String, (inout [UInt8]) -> Void)] = [
      (true, "cut", { $0.removeLast() }), (true, "more gzip data", { $0.append(0) }),
      (false, "cut", { $0.removeLast() }), (false, "more bytes", { $0.append(0) }),
    ]
    for (gzipped, part, spoil) in cases {
      try write(gzipped: gzipped)
      try edit(spoil)
      expectError(FileError.self, holding: "train-images-idx3-ubyte", part) {
        _ = try IDXFolder.load(directory: set, limitPerClass: 1)
      }
      try FileManager.default.removeItem(at: set)
    }
  }

  @Test("what lies far behind the last wanted image is not read; what lies before it is checked")
  func damage() throws {
    try write(gzipped: true)
    let whole = try IDXFolder.load(directory: set, limitPerClass: 1)
    // The checksum stands before the size.
    try edit { $0[$0.count - 8] ^= 0x55 }
    let read = try IDXFolder.load(directory: set, limitPerClass: 1)
    #expect(read.train.pixels == whole.train.pixels)
    for limit in [nil, Self.count / 3, Self.count / 4] {
      expectError(FileError.self, holding: "train-images-idx3-ubyte.gz", "incorrect data check") {
        _ = try IDXFolder.load(directory: set, limitPerClass: limit)
      }
    }
  }

  @Test("the end of the last of several gzip members does not pass for the end of all")
  func members() throws {
    try write(gzipped: false)
    let plain = set.appendingPathComponent("train-images-idx3-ubyte")
    let bytes = try [UInt8](Data(contentsOf: plain))
    let whole = try IDXFolder.load(directory: set, limitPerClass: 2)
    let pieces = stride(from: 0, to: bytes.count, by: 60_000).map {
      TestGzip.stored(Array(bytes[$0..<min($0 + 60_000, bytes.count)]))
    }
    let gzipped = set.appendingPathComponent("train-images-idx3-ubyte.gz")
    try Data(pieces.joined()).write(to: gzipped)
    #expect(
      try IDXFolder.load(directory: set, limitPerClass: 2).train.pixels == whole.train.pixels)
    try Data(pieces.dropLast().joined()).write(to: gzipped)
    expectError(FileError.self, holding: "train-images-idx3-ubyte.gz", "the end of the data") {
      _ = try IDXFolder.load(directory: set, limitPerClass: 2)
    }
  }
}
