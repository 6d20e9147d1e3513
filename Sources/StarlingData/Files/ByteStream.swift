import Foundation
import Starling

/// What a file holds, from beginning to end, decompressed if it is gzipped.
///
/// Gzip data are told by their first bytes, not by the file's name. Of either kind no more than a
/// piece is held.
final class ByteStream {
  private let file: FileReader
  private let gzip: GzipReader?
  /// The number of bytes before the next, after decompression.
  private(set) var offset = 0
  /// Twice the 32 kB that zlib looks back on and copies after each piece.
  private let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 64)
  /// The part of the piece that has not been taken yet.
  private var rest = 0..<0

  init(_ url: URL) throws(FileError) {
    file = try FileReader(url)
    let isGzipped = try file.read(GzipReader.magic.count) == GzipReader.magic
    file.seek(to: 0)
    gzip = isGzipped ? try GzipReader(file) : nil
  }

  deinit {
    piece.deallocate()
  }

  /// The name for messages.
  var name: String { file.name }

  var isGzipped: Bool { gzip != nil }

  /// The number of bytes of the file itself.
  var fileSize: Int { file.size }

  /// The number of bytes in all, as far as it is known without reading them.
  ///
  /// A plain file's is certain. A gzip file's is what it says of itself, and right unless it is damaged
  /// or has several members.
  func announcedSize() throws(FileError) -> Int? {
    if let gzip { try gzip.announcedCount() } else { file.size }
  }

  /// Takes some of the next bytes, at most `count`; none at the end.
  ///
  /// - Returns: The bytes, which stay where they are until the next call.
  func next(_ count: Int) throws(FileError) -> UnsafeRawBufferPointer {
    if rest.isEmpty {
      let count = if let gzip { try gzip.read(into: piece) } else { try file.read(into: piece) }
      rest = 0..<count
    }
    let taken = rest.prefix(count)
    rest = taken.upperBound..<rest.upperBound
    offset += taken.count
    return UnsafeRawBufferPointer(rebasing: piece[taken])
  }

  /// Passes over some of the next bytes, at most `count`.
  ///
  /// - Returns: How many they were; 0 at the end.
  func skip(_ count: Int) throws(FileError) -> Int {
    guard gzip == nil, rest.isEmpty else { return try next(count).count }
    let skipped = min(count, max(0, file.size - file.offset))
    file.seek(to: file.offset + skipped)
    offset += skipped
    return skipped
  }
}
