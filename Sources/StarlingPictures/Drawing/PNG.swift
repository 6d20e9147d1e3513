import CPNG

extension Bitmap {
  /// The bitmap as the bytes of a PNG file.
  ///
  /// Most of a drawing is flat, and shrinks to a hundredth without libpng's search for the best filter
  /// of each row, which takes four times as long for half the file.
  ///
  /// - Throws: ``PictureError`` with libpng's own words when it refuses.
  public func png() throws(PictureError) -> [UInt8] {
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    image.width = UInt32(width)
    image.height = UInt32(height)
    image.format = UInt32(PNG_FORMAT_FLAG_COLOR)  // RGB, a byte each
    image.flags = UInt32(PNG_IMAGE_FLAG_FAST)
    defer { png_image_free(&image) }

    // What does not shrink grows by less than a quarter: libpng.h, PNG_IMAGE_PNG_SIZE_MAX. Memory that
    // is not written to is not taken.
    let bound = bytes.count + bytes.count / 4 + height + 4096
    let file = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      var size = png_alloc_size_t(bound)
      let isWritten = png_image_write_to_memory(
        &image, buffer.baseAddress, &size, 0, bytes, 0, nil)
      count = isWritten != 0 ? Int(size) : 0
    }
    guard !file.isEmpty else { throw refusal(image) }
    return file
  }

  private func refusal(_ image: png_image) -> PictureError {
    let message = withUnsafeBytes(of: image.message) { buffer in
      String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
    }
    return PictureError(
      "a bitmap of \(width)×\(height) pixels does not become a PNG (\(message)); draw it smaller")
  }
}
