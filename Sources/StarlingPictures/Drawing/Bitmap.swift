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
    let stride = width * 3
    bytes = [UInt8](unsafeUninitializedCapacity: height * stride) { buffer, count in
      for x in 0..<width {
        buffer[x * 3] = color.red
        buffer[x * 3 + 1] = color.green
        buffer[x * 3 + 2] = color.blue
      }
      let first = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<stride])
      for y in 1..<max(1, height) {
        UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(buffer)[(y * stride)...]
        ).copyMemory(from: first)
      }
      count = height * stride
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

  /// Makes some columns of a row the same as in the row above.
  mutating func copyRowAbove(to y: Int, columns: ClosedRange<Int>) {
    let start = (y * width + columns.lowerBound) * 3
    let above = start - width * 3
    let count = columns.count * 3
    precondition(
      above >= 0 && start + count <= bytes.count, "row \(y) or the one above is not there")
    bytes.withUnsafeMutableBytes { bytes in
      let source = UnsafeRawBufferPointer(rebasing: bytes[above..<above + count])
      UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + count]).copyMemory(from: source)
    }
  }
}
