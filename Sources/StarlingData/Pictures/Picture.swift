public import Starling

/// A picture as it was met: any size, grey or coloured.
public struct Picture: Hashable, Sendable {
  /// Where it came from, for messages.
  public let name: String
  /// The number of columns.
  public let width: Int
  /// The number of rows.
  public let height: Int
  /// 1 for grey, 3 for red, green and blue.
  public let channels: Int
  /// The bytes, row by row, each pixel's channels together.
  public let pixels: [UInt8]

  /// A picture of the given bytes.
  ///
  /// - Parameters:
  ///   - name: Where it came from, for messages.
  ///   - width: The number of columns.
  ///   - height: The number of rows.
  ///   - channels: 1 for grey, 3 for red, green and blue.
  ///   - pixels: The bytes, row by row, each pixel's channels together.
  /// - Throws: `DatasetError` when the sizes and the number of bytes disagree.
  public init(
    name: String = "picture", width: Int, height: Int, channels: Int = 1, pixels: [UInt8]
  ) throws(DatasetError) {
    let shape = Shape([height, width, channels])
    guard shape.isUsable, channels == 1 || channels == 3, shape.count == pixels.count else {
      throw DatasetError(
        "\(name): a picture of \(width)×\(height) with \(channels) channels cannot hold "
          + "\(pixels.count) bytes; give 1 or 3 bytes for each pixel")
    }
    self.init(unchecked: name, width: width, height: height, channels: channels, pixels: pixels)
  }

  /// A picture whose maker vouches for the count.
  init(unchecked name: String, width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    self.name = name
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }

  /// The picture in grey: of a coloured pixel its luma (ITU-R BT.601), in 256ths.
  var grey: Picture {
    if channels == 1 { return self }
    let grey = [UInt8](unsafeUninitializedCapacity: width * height) { output, count in
      for pixel in 0..<width * height {
        let red = UInt32(pixels[3 * pixel])
        let green = UInt32(pixels[3 * pixel + 1])
        let blue = UInt32(pixels[3 * pixel + 2])
        output[pixel] = UInt8((77 * red + 150 * green + 29 * blue + 128) >> 8)
      }
      count = width * height
    }
    return Picture(unchecked: name, width: width, height: height, channels: 1, pixels: grey)
  }

  /// One channel alone.
  func channel(_ index: Int) -> [UInt8] {
    channels == 1 ? pixels : stride(from: index, to: pixels.count, by: channels).map { pixels[$0] }
  }
}
