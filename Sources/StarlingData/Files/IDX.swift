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
    let reader = try IDXReader(file, axes: axes)
    lengths = reader.lengths
    bytes = try reader.read([0..<lengths[0]])
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
