import CPNG
public import Foundation
public import Starling

extension Picture {
  /// The most pixels that a PNG may have: 64 million.
  ///
  /// A few kilobytes can say that they are a picture of gigabytes; such a file is refused.
  public static let largestPixelCount = 1 << 26

  /// Reads a PNG file of any colour type, bit depth and size, interlaced or not.
  ///
  /// What is transparent shows white ground, as paper; or black, where on white nothing would be seen.
  /// Numbers are taken as they are stored: notes on gamma and colour profiles are left aside.
  ///
  /// - Throws: `FileError` when it is missing, no PNG, cut, corrupt, or too large.
  public init(contentsOf file: URL) throws(FileError) {
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
  ///   - largestPixelCount: The most pixels that it may have; those are held in memory several times over.
  /// - Throws: `FileError` when it is no PNG, cut, corrupt, or too large.
  public init(
    png bytes: [UInt8], name: String, largestPixelCount: Int = Picture.largestPixelCount
  ) throws(FileError) {
    let container = try PNGContainer(bytes, name: name, largestPixelCount: largestPixelCount)
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    // Samples come as they are stored: eight bits as eight, sixteen as sixteen, which libpng calls
    // linear and multiplies by alpha.
    let samples: Samples? = container.essentials.withUnsafeBytes { bytes in
      guard png_image_begin_read_from_memory(&image, bytes.baseAddress, bytes.count) != 0 else {
        return nil
      }
      image.format &= UInt32(PNG_FORMAT_FLAG_ALPHA | PNG_FORMAT_FLAG_COLOR)
      let count = Int(image.width) * Int(image.height) * image.channelCount
      if container.bitDepth < 16 {
        var samples = [UInt8](repeating: 0, count: count)
        guard png_image_finish_read(&image, nil, &samples, 0, nil) != 0 else { return nil }
        return .bytes(samples)
      }
      image.format |= UInt32(PNG_FORMAT_FLAG_LINEAR)
      var samples = [UInt16](repeating: 0, count: count)
      guard png_image_finish_read(&image, nil, &samples, 0, nil) != 0 else { return nil }
      return .words(samples)
    }
    guard let samples else {
      throw FileError(
        file: name, expected: "a PNG picture", found: "damage (\(image.messageText))",
        remedy: "the file is corrupt: save or fetch it anew")
    }
    let hasAlpha = image.format & UInt32(PNG_FORMAT_FLAG_ALPHA) != 0
    let channels = image.channelCount - (hasAlpha ? 1 : 0)
    var pixels = samples.pixels(channels: channels, hasAlpha: hasAlpha, ground: 1)
    if hasAlpha, pixels.indices.allSatisfy({ pixels[$0] == pixels[$0 % channels] }) {
      pixels = samples.pixels(channels: channels, hasAlpha: hasAlpha, ground: 0)
    }
    self.init(
      unchecked: name, width: Int(image.width), height: Int(image.height), channels: channels,
      pixels: pixels)
  }
}

/// What libpng gave, of either depth.
private enum Samples {
  case bytes([UInt8])
  case words([UInt16])

  /// The pixels in bytes, laid on a ground of 0, black, or 1, white, if they have alpha.
  func pixels(channels: Int, hasAlpha: Bool, ground: Int) -> [UInt8] {
    switch self {
    case .bytes(let samples) where !hasAlpha: samples
    case .bytes(let samples):
      Self.pixels(samples, channels, hasAlpha, ground: ground, isPremultiplied: false)
    case .words(let samples):
      Self.pixels(samples, channels, hasAlpha, ground: ground, isPremultiplied: true)
    }
  }

  private static func pixels<Sample: FixedWidthInteger>(
    _ samples: [Sample], _ channels: Int, _ hasAlpha: Bool, ground: Int, isPremultiplied: Bool
  ) -> [UInt8] {
    let one = Int(Sample.max)
    let step = channels + (hasAlpha ? 1 : 0)
    let count = samples.count / step
    return [UInt8](unsafeUninitializedCapacity: count * channels) { output, written in
      for pixel in 0..<count {
        let start = pixel * step
        let alpha = hasAlpha ? Int(samples[start + channels]) : one
        for channel in 0..<channels {
          let share = Int(samples[start + channel]) * (isPremultiplied ? one : alpha)
          let value = share + ground * one * (one - alpha)
          output[pixel * channels + channel] = UInt8((value * 255 + one * one / 2) / (one * one))
        }
      }
      written = count * channels
    }
  }
}

extension png_image {
  /// The number of samples that a pixel has.
  fileprivate var channelCount: Int {
    (format & UInt32(PNG_FORMAT_FLAG_COLOR) != 0 ? 3 : 1)
      + (format & UInt32(PNG_FORMAT_FLAG_ALPHA) != 0 ? 1 : 0)
  }

  /// What libpng says went wrong.
  fileprivate var messageText: String {
    withUnsafeBytes(of: message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
