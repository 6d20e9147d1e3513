import CPNG
import CZlib
public import Foundation

extension Picture {
  /// The most pixels that a PNG may have: 64 million.
  ///
  /// A few kilobytes can say that they are a picture of gigabytes; such a file is refused.
  public static let largestPixelCount = 1 << 26

  /// Reads a PNG file of any colour type, bit depth and size, interlaced or not.
  ///
  /// What is transparent shows white ground, as paper; or black, where on white nothing would be seen.
  ///
  /// - Throws: ``DataFileError`` when it is missing, no PNG, cut, corrupt, or too large.
  public init(contentsOf file: URL) throws(DataFileError) {
    let reader = try FileReader(file)
    var bytes = try reader.read(PNGContainer.signature.count)
    // Whatever is no PNG need not be read whole.
    if bytes == PNGContainer.signature { bytes += try reader.read(PNGContainer.largestFile) }
    try self.init(png: bytes, name: reader.name)
  }

  /// Reads the bytes of a PNG file; see ``init(contentsOf:)``.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - name: Where it came from, for messages.
  /// - Throws: ``DataFileError`` when it is no PNG, cut, corrupt, or too large.
  public init(png bytes: [UInt8], name: String) throws(DataFileError) {
    try PNGContainer(bytes: bytes, name: name).check()
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    var pixels: [UInt8] = []
    let isRead = bytes.withUnsafeBytes { bytes in
      guard png_image_begin_read_from_memory(&image, bytes.baseAddress, bytes.count) != 0 else {
        return false
      }
      // Eight bits a channel in sRGB, without a colour map: of the file's format, alpha and colour
      // are kept.
      image.format &= UInt32(PNG_FORMAT_FLAG_ALPHA | PNG_FORMAT_FLAG_COLOR)
      pixels = [UInt8](
        repeating: 0, count: Int(image.width) * Int(image.height) * image.channelCount)
      return png_image_finish_read(&image, nil, &pixels, 0, nil) != 0
    }
    guard isRead else {
      throw DataFileError(
        file: name, expected: "a PNG picture", found: "damage (\(image.messageText))",
        remedy: "the file is corrupt: save or fetch it anew")
    }
    let hasAlpha = image.format & UInt32(PNG_FORMAT_FLAG_ALPHA) != 0
    let channels = image.channelCount - (hasAlpha ? 1 : 0)
    self.init(
      unchecked: name, width: Int(image.width), height: Int(image.height), channels: channels,
      pixels: hasAlpha ? Self.onGround(pixels, channels: channels) : pixels)
  }

  /// Pixels with alpha laid on white; or on black, where on white all would be one colour.
  private static func onGround(_ pixels: [UInt8], channels: Int) -> [UInt8] {
    let onWhite = composited(pixels, channels: channels, ground: 255)
    let isBlank = onWhite.indices.allSatisfy { onWhite[$0] == onWhite[$0 % channels] }
    return isBlank ? composited(pixels, channels: channels, ground: 0) : onWhite
  }

  private static func composited(_ pixels: [UInt8], channels: Int, ground: Int) -> [UInt8] {
    let count = pixels.count / (channels + 1)
    return [UInt8](unsafeUninitializedCapacity: count * channels) { output, written in
      for pixel in 0..<count {
        let start = pixel * (channels + 1)
        let alpha = Int(pixels[start + channels])
        for channel in 0..<channels {
          let value = Int(pixels[start + channel])
          output[pixel * channels + channel] =
            UInt8((value * alpha + ground * (255 - alpha) + 127) / 255)
        }
      }
      written = count * channels
    }
  }
}

extension png_image {
  /// The number of bytes that a pixel takes in a format of one byte a channel.
  fileprivate var channelCount: Int {
    (format & UInt32(PNG_FORMAT_FLAG_COLOR) != 0 ? 3 : 1)
      + (format & UInt32(PNG_FORMAT_FLAG_ALPHA) != 0 ? 1 : 0)
  }

  /// What libpng says went wrong.
  fileprivate var messageText: String {
    withUnsafeBytes(of: message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
