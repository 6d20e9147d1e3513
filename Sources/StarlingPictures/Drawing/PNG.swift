import CPNG

extension Bitmap {
  /// The bitmap as the bytes of a PNG file.
  ///
  /// - Throws: ``PictureError`` with libpng's own words when it refuses.
  public func png() throws(PictureError) -> [UInt8] {
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    image.width = UInt32(width)
    image.height = UInt32(height)
    image.format = UInt32(PNG_FORMAT_FLAG_COLOR)  // RGB, a byte each
    defer { png_image_free(&image) }

    // The first call measures, the second writes.
    var size = png_alloc_size_t()
    guard png_image_write_to_memory(&image, nil, &size, 0, bytes, 0, nil) != 0 else {
      throw refusal(image)
    }
    var file = [UInt8](repeating: 0, count: size)
    guard png_image_write_to_memory(&image, &file, &size, 0, bytes, 0, nil) != 0 else {
      throw refusal(image)
    }
    return Array(file.prefix(size))
  }

  private func refusal(_ image: png_image) -> PictureError {
    let message = withUnsafeBytes(of: image.message) { buffer in
      String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
    }
    return PictureError(
      "a bitmap of \(width)×\(height) pixels does not become a PNG (\(message)); draw it smaller")
  }
}
