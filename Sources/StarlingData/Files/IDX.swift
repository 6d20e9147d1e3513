public import Foundation
public import Starling

/// An array of bytes with some axes, as an IDX file holds it: MNIST's images and labels.
///
/// The file is four bytes 0, 0, 8 (unsigned bytes) and the number of axes; then each axis's length
/// as a big-endian 32-bit number; then the bytes, the last axis contiguous. It may be gzipped, which
/// is told by its first bytes and not by its name.
public struct IDX: Hashable, Sendable {
  /// The most bytes that an IDX file may hold: 1 GiB, twenty times MNIST's training images.
  ///
  /// A megabyte of gzip data can decompress to a gigabyte; this is where reading stops.
  public static let largestCount = 1 << 30

  /// The length of each axis.
  public let lengths: [Int]
  /// All bytes, the last axis contiguous.
  public let bytes: [UInt8]

  /// An array of the given bytes.
  ///
  /// - Throws: `DatasetError` when an axis is empty or longer than a file can say, or the lengths do
  ///   not multiply to the number of bytes.
  public init(lengths: [Int], bytes: [UInt8]) throws(DatasetError) {
    let shape = Shape(lengths)
    guard (1...255).contains(lengths.count), lengths.allSatisfy({ $0 <= UInt32.max }),
      shape.isUsable, shape.count == bytes.count, bytes.count <= Self.largestCount
    else {
      throw DatasetError(
        "an IDX array of \(shape) cannot hold \(bytes.count) bytes; give each axis a length, and "
          + "one byte, of at most \(Self.largestCount), for each position")
    }
    self.lengths = lengths
    self.bytes = bytes
  }

  /// Reads an IDX file, plain or gzipped.
  ///
  /// Memory is taken for bytes that are there, never because a header says so.
  ///
  /// - Parameters:
  ///   - file: The file.
  ///   - axes: The number of axes that it should have: 3 for images, 1 for labels.
  /// - Throws: `FileError` when it is missing, cut, too long, or no such IDX file.
  public init(contentsOf file: URL, axes: Int) throws(FileError) {
    var reader = try IDXReader(file)
    lengths = try reader.readHeader(axes: axes)
    bytes = try reader.readBody(lengths)
  }

  /// Writes the array as an IDX file, in place of any that was there, all of it or nothing.
  ///
  /// - Parameters:
  ///   - file: The file.
  ///   - gzipped: Whether to compress it.
  /// - Throws: `FileError` when the file cannot be written.
  public func write(to file: URL, gzipped: Bool = false) throws(FileError) {
    var contents: [UInt8] = [0, 0, 8, UInt8(lengths.count)]
    for length in lengths {
      contents += withUnsafeBytes(of: UInt32(length).bigEndian, Array.init)
    }
    contents += bytes
    do {
      try Data(gzipped ? Gzip.compressed(contents) : contents).write(to: file, options: .atomic)
    } catch {
      throw FileError(
        file: file.shownPath, expected: "to write an IDX file", found: error.fileReason,
        remedy: "choose a folder that exists, can be written and has room")
    }
  }
}

/// Reads an IDX file strictly: what the header says, no byte less and no byte more.
private struct IDXReader {
  let file: FileReader
  let gzip: GzipReader?
  /// The number of bytes read, after decompression.
  var offset = 0

  init(_ url: URL) throws(FileError) {
    file = try FileReader(url)
    let isGzipped = try file.read(GzipReader.magic.count) == GzipReader.magic
    try file.rewind()
    gzip = isGzipped ? try GzipReader(file) : nil
  }

  mutating func readHeader(axes: Int) throws(FileError) -> [Int] {
    let magic: [UInt8] = [0, 0, 8, UInt8(axes)]
    let found = try read(magic.count, of: "an IDX header")
    guard found == magic else {
      throw problem(
        at: 0, expected: "the IDX magic number \(hex(magic))", found: hex(found),
        remedy: "give an IDX file of \(axes == 1 ? "labels" : "images"), one byte each, with "
          + "\(axes) \(axes == 1 ? "axis" : "axes")")
    }
    var lengths: [Int] = []
    for axis in 0..<axes {
      let word = try read(4, of: "the length of axis \(axis)")
      let length = word.reduce(0) { $0 << 8 | Int($1) }
      guard length > 0 else {
        throw problem(
          at: offset - 4, expected: "a length of 1 or more for axis \(axis)", found: "0",
          remedy: "the file holds nothing or its header is damaged: fetch or make it anew")
      }
      lengths.append(length)
    }
    return lengths
  }

  mutating func readBody(_ lengths: [Int]) throws(FileError) -> [UInt8] {
    let shape = Shape(lengths)
    guard shape.isUsable, shape.count <= IDX.largestCount else {
      throw problem(
        at: 4, expected: "a header that asks for at most \(IDX.largestCount) bytes",
        found: "one that asks for \(shape)",
        remedy: "the header is damaged or the file too large: fetch or make it anew")
    }
    // A plain file tells its size before anything is read.
    if gzip == nil, file.size - offset < shape.count {
      throw problem(
        at: offset, expected: "\(shape.count) bytes, \(shape)",
        found: "only \(max(0, file.size - offset)) in the file",
        remedy: "the file is cut or its header damaged: fetch or make it anew")
    }
    var bytes: [UInt8] = []
    // Pictures rarely shrink to less than an eighth. A file that says it did is not believed: its
    // array grows as the bytes come.
    bytes.reserveCapacity(min(shape.count, 8 * file.size))
    try read(shape.count, into: &bytes, of: "\(shape.count) bytes, \(shape)")
    let end = offset
    guard try readPiece(upTo: 1).isEmpty else {
      throw problem(
        at: end, expected: "the end of the data, after \(shape) bytes", found: "more bytes",
        remedy: "the header is damaged or something was appended: fetch or make it anew")
    }
    return bytes
  }

  private mutating func read(_ count: Int, of what: String) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    try read(count, into: &bytes, of: what)
    return bytes
  }

  private mutating func read(
    _ count: Int, into bytes: inout [UInt8], of what: String
  ) throws(FileError) {
    let end = offset + count
    while offset < end {
      let piece = try readPiece(upTo: min(1 << 18, end - offset))
      if piece.isEmpty {
        throw problem(
          at: offset, expected: what, found: "the end of the data",
          remedy: "the file is \(offset == 0 ? "empty" : "cut or its header damaged"): "
            + "fetch or make it anew")
      }
      bytes += piece
    }
  }

  /// Some of the next bytes; none at the end.
  private mutating func readPiece(upTo count: Int) throws(FileError) -> [UInt8] {
    let piece = if let gzip { try gzip.read(upTo: count) } else { try file.read(count) }
    offset += piece.count
    return piece
  }

  private func problem(
    at offset: Int, expected: String, found: String, remedy: String
  ) -> FileError {
    FileError(
      file: file.name, offset: offset, isOffsetDecompressed: gzip != nil, expected: expected,
      found: found, remedy: remedy)
  }

  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
