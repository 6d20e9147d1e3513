import CZlib
import Foundation
import Starling

/// A gzip file, decompressed as it is read (RFC 1952).
///
/// It holds a piece of the file and a piece of the result, never the whole of either, so that the
/// reader decides how much may come out. Several members one after another are legal and read as one;
/// anything else behind a member is an error.
final class GzipReader {
  /// The two bytes that every gzip file begins with.
  static let magic: [UInt8] = [0x1F, 0x8B]

  private let file: FileReader
  private let stream: UnsafeMutablePointer<z_stream>
  /// A piece of the file; zlib remembers how much of it is left.
  private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1)
  private var isBetweenMembers = false
  private var isAtEnd = false

  init(_ file: FileReader) throws(FileError) {
    self.file = file
    // zlib keeps the stream's address, so it must not move.
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let status = inflateInit2_(
      stream, Gzip.window, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      throw FileError(
        file: file.name, expected: "memory to decompress it", found: "none",
        remedy: "close other programs, or decompress the file with gunzip")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    input.deallocate()
  }

  /// Fills a buffer, or the beginning of it, with the next decompressed bytes.
  ///
  /// - Returns: How many they are: at least one, unless the data are at their end.
  func read(into output: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    while !isAtEnd {
      if stream.pointee.avail_in == 0 { try readInput() }
      let isInputAtEnd = stream.pointee.avail_in == 0
      if isBetweenMembers {
        if isInputAtEnd {
          isAtEnd = true
          break
        }
        guard stream.pointee.next_in.pointee == Self.magic[0] else {
          throw problem(
            expected: "the end of the file or more gzip data", found: "other bytes",
            remedy: "the file is damaged: fetch or make it anew")
        }
        inflateReset(stream)
        isBetweenMembers = false
      }
      stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: Bytef.self)
      stream.pointee.avail_out = UInt32(output.count)
      let status = inflate(stream, Z_NO_FLUSH)
      let count = output.count - Int(stream.pointee.avail_out)
      switch status {
      case Z_OK, Z_BUF_ERROR:
        if isInputAtEnd && count == 0 {
          throw problem(
            expected: "the rest of the gzip data", found: "the end of the file",
            remedy: "the file is cut: fetch or make it anew")
        }
      case Z_STREAM_END:
        isBetweenMembers = true
      default:
        let reason = stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(status)"
        throw problem(
          expected: "gzip data", found: "damage (\(reason))",
          remedy: "the file is corrupt: fetch or make it anew")
      }
      if count > 0 { return count }
    }
    return 0
  }

  /// How many bytes the file says, in its last four, that its last member has decompressed; `nil` for
  /// a file too short to say it.
  func announcedCount() throws(FileError) -> Int? {
    let end = UnsafeMutableRawBufferPointer.allocate(byteCount: 4, alignment: 1)
    defer { end.deallocate() }
    guard try file.readEnd(into: end) else { return nil }
    return Int(UInt32(littleEndian: end.loadUnaligned(as: UInt32.self)))
  }

  private func readInput() throws(FileError) {
    let count = try file.read(into: input)
    stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: Bytef.self)
    stream.pointee.avail_in = UInt32(count)
  }

  private func problem(expected: String, found: String, remedy: String) -> FileError {
    FileError(
      file: file.name, offset: file.offset - Int(stream.pointee.avail_in), expected: expected,
      found: found, remedy: remedy)
  }
}

/// Writing gzip data.
enum Gzip {
  /// The largest window that zlib has; the 16 asks for gzip's header and checksum around the data.
  fileprivate static let window = MAX_WBITS + 16

  /// The bytes as one gzip member.
  static func compressed(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    let status = deflateInit2_(
      &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "no memory for zlib's 256 kB")
    defer { deflateEnd(&stream) }
    var bytes = bytes
    let bound = Int(deflateBound(&stream, UInt(bytes.count)))
    return [UInt8](unsafeUninitializedCapacity: bound) { output, count in
      bytes.withUnsafeMutableBufferPointer { input in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        let status = deflate(&stream, Z_FINISH)
        precondition(status == Z_STREAM_END, "zlib's own bound was too small")
        count = output.count - Int(stream.avail_out)
      }
    }
  }
}
