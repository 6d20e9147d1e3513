import CZlib
import Starling

/// The chunks that a PNG file is made of, checked before anything is decoded.
///
/// The decoder would find most of what is found here, but not say at which byte. And it gets only
/// those that pixels are made of: it would follow notes on gamma and colour profiles, which libpng 1.6
/// does wrongly for interlaced pictures of 16 bits, and unpack texts of any size.
struct PNGContainer {
  /// The eight bytes that every PNG begins with.
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  /// The most bytes of a file that are read: 256 MiB.
  static let largestFile = 1 << 28

  /// The chunks whose contents become pixels; all that is essential but transparency has a capital.
  private static let essentialTypes: Set<String> = ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"]

  /// The file without what does not become pixels.
  private(set) var essentials = PNGContainer.signature
  /// The number of bits of a sample.
  private(set) var bitDepth = 0

  private let bytes: [UInt8]
  private let name: String
  private let largestPixelCount: Int

  /// Checks the signature, the size, and each chunk's length and checksum, to the last chunk.
  init(_ bytes: [UInt8], name: String, largestPixelCount: Int) throws(FileError) {
    self.bytes = bytes
    self.name = name
    self.largestPixelCount = largestPixelCount
    guard bytes.starts(with: Self.signature) else {
      throw problem(
        at: 0, expected: "a PNG picture", found: otherFormat,
        remedy: bytes.isEmpty
          ? "save or fetch it anew" : "convert it to PNG, or give another file")
    }
    var offset = Self.signature.count
    var isFirst = true
    while true {
      guard bytes.count - offset >= 12 else {
        throw cut(at: offset, expected: "a chunk")
      }
      let length = word(offset)
      let type = String(decoding: bytes[offset + 4..<offset + 8], as: UTF8.self)
      guard length <= bytes.count - offset - 12 else {
        throw cut(at: offset, expected: "the \(length) bytes of a chunk")
      }
      let end = offset + 8 + length
      guard word(end) == checksum(offset + 4..<end) else {
        throw problem(
          at: offset, expected: "a chunk that fits its checksum", found: "one that does not",
          remedy: "the file is corrupt: save or fetch it anew")
      }
      if isFirst {
        guard type == "IHDR", length == 13 else {
          throw problem(
            at: offset, expected: "the chunk IHDR", found: "another",
            remedy: "the file is corrupt: save or fetch it anew")
        }
        try checkSize(width: word(offset + 8), height: word(offset + 12), at: offset + 8)
        bitDepth = Int(bytes[offset + 16])
        isFirst = false
      }
      if Self.essentialTypes.contains(type) { essentials += bytes[offset..<end + 4] }
      if type == "IEND" { return }
      offset = end + 4
    }
  }

  private func checkSize(width: Int, height: Int, at offset: Int) throws(FileError) {
    // Two numbers of 32 bits can multiply to more than an Int holds.
    let (pixels, isTooMuch) = width.multipliedReportingOverflow(by: height)
    guard pixels > 0, !isTooMuch, pixels <= largestPixelCount else {
      throw problem(
        at: offset, expected: "a picture of 1 to \(largestPixelCount) pixels",
        found: "\(width)×\(height)", remedy: "scale it down, or save it anew")
    }
  }

  /// A big-endian number of 32 bits, of which PNG uses 31.
  private func word(_ offset: Int) -> Int {
    bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
  }

  private func checksum(_ range: Range<Int>) -> Int {
    bytes.withUnsafeBufferPointer { bytes in
      let part = UnsafeBufferPointer(rebasing: bytes[range])
      return Int(crc32(0, part.baseAddress, UInt32(part.count)))
    }
  }

  /// What the file is instead, as far as its first bytes tell.
  private var otherFormat: String {
    if bytes.isEmpty { return "an empty file" }
    let known: [(start: [UInt8], name: String)] = [
      ([0xFF, 0xD8, 0xFF], "a JPEG picture"), (Array("GIF8".utf8), "a GIF picture"),
      (Array("BM".utf8), "a BMP picture"), (Array("RIFF".utf8), "a WebP picture or a sound"),
      ([0x49, 0x49, 0x2A, 0], "a TIFF picture"), ([0x4D, 0x4D, 0, 0x2A], "a TIFF picture"),
    ]
    return known.first { bytes.starts(with: $0.start) }?.name ?? "other data"
  }

  private func cut(at offset: Int, expected: String) -> FileError {
    problem(
      at: offset, expected: expected, found: "the end of the file after \(bytes.count) bytes",
      remedy: "the file is cut: save or fetch it anew")
  }

  private func problem(
    at offset: Int, expected: String, found: String, remedy: String
  ) -> FileError {
    FileError(
      file: name, offset: offset, expected: expected, found: found, remedy: remedy)
  }
}
