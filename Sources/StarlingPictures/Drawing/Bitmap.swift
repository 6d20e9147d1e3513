public import Starling

/// A picture as rows of RGB bytes, top row first.
public struct Bitmap: Hashable, Sendable {
  /// The pixels in a row.
  public let width: Int
  /// The rows.
  public let height: Int
  /// Three bytes a pixel, row by row.
  public internal(set) var bytes: [UInt8]

  /// A bitmap of one colour.
  public init(width: Int, height: Int, color: RGB) {
    precondition(width > 0 && height > 0, "a bitmap of \(width)×\(height) pixels holds nothing")
    self.width = width
    self.height = height
    bytes = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
      for pixel in 0..<width * height {
        buffer[pixel * 3] = color.red
        buffer[pixel * 3 + 1] = color.green
        buffer[pixel * 3 + 2] = color.blue
      }
      count = width * height * 3
    }
  }

  /// An image `[1, height, width]`, grey, or `[3, height, width]`, colour, of numbers from 0 to 1.
  ///
  /// Numbers beyond 0…1 are drawn as the nearer end.
  ///
  /// - Throws: ``PictureError`` for any other shape.
  public init(image: Tensor) throws(PictureError) {
    let shape = image.shape
    guard shape.rank == 3, shape.isUsable, shape[0] == 1 || shape[0] == 3 else {
      throw PictureError(
        "an image to be drawn is [1, height, width] or [3, height, width], got \(shape); "
          + "draw its maps one by one")
    }
    self.init(width: shape[2], height: shape[1], color: RGB(0))
    let plane = width * height
    for pixel in 0..<plane {
      for channel in 0..<3 {
        let value = image.elements[shape[0] == 3 ? channel * plane + pixel : pixel]
        bytes[pixel * 3 + channel] = RGB(grey: value).red
      }
    }
  }

  /// The colour at a column and a row.
  public subscript(x: Int, y: Int) -> RGB {
    get {
      let start = (y * width + x) * 3
      return RGB(red: bytes[start], green: bytes[start + 1], blue: bytes[start + 2])
    }
    set {
      let start = (y * width + x) * 3
      bytes[start] = newValue.red
      bytes[start + 1] = newValue.green
      bytes[start + 2] = newValue.blue
    }
  }
}
