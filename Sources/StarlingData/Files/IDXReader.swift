import Foundation
import Starling

/// Reads an IDX file strictly: what its header says, no byte less and no byte more.
final class IDXReader {
  /// The length of each axis.
  let lengths: [Int]
  private let stream: ByteStream

  /// Opens a file and reads its header.
  init(_ url: URL, axes: Int) throws(FileError) {
    stream = try ByteStream(url)
    lengths = try Self.header(of: stream, axes: axes)
  }

  /// Reads the entries of the first axis that lie in the given ranges, which follow one another.
  ///
  /// Where most of the file lies behind the last of them, it is not read, provided that it ends where
  /// its header says it does. A gzip file's checksum, which covers the whole, is then left aside: what
  /// has been read is as safe as in a plain IDX file, which has none.
  func read(_ ranges: [Range<Int>]) throws(FileError) -> [UInt8] {
    let size = lengths.dropFirst().reduce(1, *)
    let start = stream.offset
    let end = start + lengths[0] * size
    let count = ranges.reduce(0) { $0 + $1.count } * size
    var bytes: [UInt8] = []
    // Pictures rarely shrink to less than an eighth, so that all memory can be taken at once. A file
    // that says it did is not believed yet: its array grows as the bytes come, and from half its size
    // at most, so that while it moves the old and the new take no more than what is to come.
    let believed = 8 * stream.fileSize
    bytes.reserveCapacity(count <= believed ? count : min(believed, count / 2))
    for range in ranges {
      try skip(to: start + range.lowerBound * size)
      try read(to: start + range.upperBound * size, into: &bytes, atMost: count)
    }
    if end - stream.offset > stream.offset, try stream.announcedSize() == end { return bytes }
    try skip(to: end)
    guard try stream.next(1).isEmpty else {
      throw stream.problem(
        at: end, expected: "the end of the data, after \(Shape(lengths)) bytes",
        found: "more bytes",
        remedy: "the header is damaged or something was appended: fetch or make it anew")
    }
    return bytes
  }

  /// Appends the bytes up to `end` to an array that is to hold `count` in all.
  private func read(
    to end: Int, into bytes: inout [UInt8], atMost count: Int
  ) throws(FileError) {
    while stream.offset < end {
      let piece = try stream.next(end - stream.offset)
      guard !piece.isEmpty else { throw cut }
      if bytes.count + piece.count > bytes.capacity {
        bytes.reserveCapacity(min(8 * bytes.count, count))
      }
      bytes += piece
    }
  }

  private func skip(to end: Int) throws(FileError) {
    while stream.offset < end {
      guard try stream.skip(end - stream.offset) > 0 else { throw cut }
    }
  }

  private var cut: FileError {
    stream.cut(expected: "\(Shape(lengths).count) bytes, \(Shape(lengths))")
  }

  private static func header(of stream: ByteStream, axes: Int) throws(FileError) -> [Int] {
    let magic: [UInt8] = [0, 0, 8, UInt8(axes)]
    let found = try stream.bytes(magic.count, of: "an IDX header")
    guard found == magic else {
      throw stream.problem(
        at: 0, expected: "the IDX magic number \(hex(magic))", found: hex(found),
        remedy: "give an IDX file of \(axes == 1 ? "labels" : "images"), one byte each, with "
          + "\(axes) \(axes == 1 ? "axis" : "axes")")
    }
    var lengths: [Int] = []
    for axis in 0..<axes {
      let word = try stream.bytes(4, of: "the length of axis \(axis)")
      let length = word.reduce(0) { $0 << 8 | Int($1) }
      guard length > 0 else {
        throw stream.problem(
          at: stream.offset - 4, expected: "a length of 1 or more for axis \(axis)", found: "0",
          remedy: "the file holds nothing or its header is damaged: fetch or make it anew")
      }
      lengths.append(length)
    }
    let shape = Shape(lengths)
    guard shape.isUsable, shape.count <= IDX.largestCount else {
      throw stream.problem(
        at: 4, expected: "a header that asks for at most \(IDX.largestCount) bytes",
        found: "one that asks for \(shape)",
        remedy: "the header is damaged or the file too large: fetch or make it anew")
    }
    // A plain file tells its size before anything is read.
    let rest = stream.fileSize - stream.offset
    if !stream.isGzipped, rest < shape.count {
      throw stream.problem(
        at: stream.offset, expected: "\(shape.count) bytes, \(shape)",
        found: "only \(max(0, rest)) in the file",
        remedy: "the file is cut or its header damaged: fetch or make it anew")
    }
    return lengths
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}

extension ByteStream {
  /// The next bytes, exactly so many.
  fileprivate func bytes(_ count: Int, of what: String) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let piece = try next(count - bytes.count)
      guard !piece.isEmpty else { throw cut(expected: what) }
      bytes += piece
    }
    return bytes
  }

  /// That the data end here and should not.
  fileprivate func cut(expected: String) -> FileError {
    problem(
      at: offset, expected: expected, found: "the end of the data",
      remedy: "the file is \(offset == 0 ? "empty" : "cut or its header damaged"): "
        + "fetch or make it anew")
  }

  fileprivate func problem(
    at offset: Int, expected: String, found: String, remedy: String
  ) -> FileError {
    FileError(
      file: name, offset: offset, isOffsetDecompressed: isGzipped, expected: expected,
      found: found, remedy: remedy)
  }
}
