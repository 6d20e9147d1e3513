import Foundation

/// A grey picture that tests draw on, and its PNG file, which is not compressed.
struct GreyPNG {
  let width: Int
  let height: Int
  private var pixels: [UInt8]

  /// A picture of one shade.
  init(width: Int = 280, height: Int = 280, shade: UInt8) {
    self.width = width
    self.height = height
    pixels = [UInt8](repeating: shade, count: width * height)
  }

  /// Draws a ring.
  mutating func ring(_ x: Int, _ y: Int, radius: Double, pen: Double, shade: UInt8) {
    for row in 0..<height {
      for column in 0..<width {
        let distance = Double((column - x) * (column - x) + (row - y) * (row - y)).squareRoot()
        if abs(distance - radius) <= pen / 2 { pixels[row * width + column] = shade }
      }
    }
  }

  /// Draws an upright stroke.
  mutating func stroke(_ x: Int, from top: Int, to bottom: Int, pen: Int, shade: UInt8) {
    for row in top..<bottom {
      for column in x - pen / 2..<x + pen / 2 { pixels[row * width + column] = shade }
    }
  }

  /// The file in base64.
  var base64: String {
    let rows = (0..<height).flatMap { [0] + pixels[$0 * width..<($0 + 1) * width] }
    return Data(Self.file(width: width, height: height, rows: rows)).base64EncodedString()
  }

  /// A file that says that it is of a size, whatever it holds.
  static func file(width: Int, height: Int, rows: [UInt8]) -> [UInt8] {
    [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + chunk("IHDR", word(width) + word(height) + [8, 0, 0, 0, 0])
      + chunk("IDAT", zlib(rows)) + chunk("IEND", [])
  }

  private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    return word(data.count) + body + word(Int(crc32(body)))
  }

  private static func word(_ value: Int) -> [UInt8] {
    withUnsafeBytes(of: UInt32(truncatingIfNeeded: value).bigEndian, Array.init)
  }

  /// A zlib stream of stored blocks (RFC 1950, RFC 1951).
  private static func zlib(_ data: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = [0x78, 0x01]
    var start = 0
    repeat {
      let end = min(start + 65_535, data.count)
      let length = UInt16(end - start)
      stream.append(end == data.count ? 1 : 0)
      stream += [length, ~length].flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
      stream += data[start..<end]
      start = end
    } while start < data.count
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in data {
      a = (a + UInt32(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return stream + word(Int(b << 16 | a))
  }

  private static func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in
        crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0)
      }
    }
  }
}
