/// A PNG writer for tests, of any colour type, bit depth and interlacing, and no compression.
struct TestPNG {
  enum Colour: UInt8 {
    case grey = 0
    case rgb = 2
    case palette = 3
    case greyAlpha = 4
    case rgba = 6

    var channels: Int {
      switch self {
      case .grey, .palette: 1
      case .greyAlpha: 2
      case .rgb: 3
      case .rgba: 4
      }
    }
  }

  var width: Int
  var height: Int
  var colour = Colour.grey
  var bitDepth = 8
  var isInterlaced = false
  /// Red, green and blue of each palette entry, and the entries' alpha.
  var palette: [UInt8] = []
  var paletteAlpha: [UInt8] = []

  /// The file with the given samples, row by row, each pixel's channels together.
  func encoded(_ samples: [Int]) -> [UInt8] {
    let header =
      Self.word(width) + Self.word(height)
      + [UInt8(bitDepth), colour.rawValue, 0, 0, isInterlaced ? 1 : 0]
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    file += Self.chunk("IHDR", header)
    if !palette.isEmpty { file += Self.chunk("PLTE", palette) }
    if !paletteAlpha.isEmpty { file += Self.chunk("tRNS", paletteAlpha) }
    return file + Self.chunk("IDAT", Self.zlib(rows(samples))) + Self.chunk("IEND", [])
  }

  /// The seven passes of Adam7, or the one of a plain picture: first column and row, and steps.
  private var passes: [(x: Int, y: Int, stepX: Int, stepY: Int)] {
    isInterlaced
      ? [
        (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
        (0, 1, 1, 2),
      ] : [(0, 0, 1, 1)]
  }

  private func rows(_ samples: [Int]) -> [UInt8] {
    var rows: [UInt8] = []
    for pass in passes where pass.x < width {
      for y in stride(from: pass.y, to: height, by: pass.stepY) {
        rows.append(0)
        var (bits, count) = (0, 0)
        for x in stride(from: pass.x, to: width, by: pass.stepX) {
          for channel in 0..<colour.channels {
            bits = bits << bitDepth | samples[(y * width + x) * colour.channels + channel]
            count += bitDepth
            while count >= 8 {
              rows.append(UInt8(bits >> (count - 8) & 255))
              count -= 8
            }
          }
        }
        if count > 0 { rows.append(UInt8(bits << (8 - count) & 255)) }
      }
    }
    return rows
  }

  static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    return word(data.count) + body + word(Int(crc32(body)))
  }

  static func word(_ value: Int) -> [UInt8] {
    withUnsafeBytes(of: UInt32(value).bigEndian, Array.init)
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
