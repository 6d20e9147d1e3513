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
  private var input: [UInt8] = []
  private var position = 0
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
  }

  /// The next decompressed bytes, at least one and at most `limit`; none at the end.
  func read(upTo limit: Int) throws(FileError) -> [UInt8] {
    while !isAtEnd {
      if position == input.count {
        input = try file.read(1 << 16)
        position = 0
      }
      let isInputAtEnd = input.isEmpty
      if isBetweenMembers {
        if isInputAtEnd {
          isAtEnd = true
          break
        }
        guard input[position] == Self.magic[0] else {
          throw problem(
            expected: "the end of the file or more gzip data", found: "other bytes",
            remedy: "the file is damaged: fetch or make it anew")
        }
        inflateReset(stream)
        isBetweenMembers = false
      }
      let (output, status) = inflateSome(upTo: limit)
      switch status {
      case Z_OK, Z_BUF_ERROR:
        if isInputAtEnd && output.isEmpty {
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
      if !output.isEmpty { return output }
    }
    return []
  }

  /// One call of zlib, from what is left of the input.
  private func inflateSome(upTo limit: Int) -> (output: [UInt8], status: Int32) {
    var status = Z_OK
    let output = [UInt8](unsafeUninitializedCapacity: min(limit, 1 << 18)) { output, count in
      input.withUnsafeMutableBufferPointer { input in
        stream.pointee.next_in = input.baseAddress.map { $0 + position }
        stream.pointee.avail_in = UInt32(input.count - position)
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        status = inflate(stream, Z_NO_FLUSH)
        position = input.count - Int(stream.pointee.avail_in)
        count = output.count - Int(stream.pointee.avail_out)
      }
    }
    return (output, status)
  }

  private func problem(expected: String, found: String, remedy: String) -> FileError {
    FileError(
      file: file.name, offset: file.offset - (input.count - position), expected: expected,
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
