import Foundation
import HTTPTypes
import Starling
import StarlingData

/// A picture that somebody drew or uploaded, as a network sees it.
struct DrawnPicture: Sendable {
  /// The picture brought to what the network was taught with.
  let image: Tensor
  /// Which of drawing and ground is the darker in the picture as it came.
  let polarity: Polarity

  /// The most pixels that a picture may have: those of 2048×2048.
  static let mostPixels = 1 << 22

  /// Reads a PNG file in base64.
  ///
  /// - Throws: ``LabError``: 400 for what is no base64, 422 for what is no PNG, too large, or blank.
  init(_ base64: String, field: String, for network: Network) throws {
    guard let file = Data(base64Encoded: base64) else {
      throw LabError(
        field: field, expected: "a PNG file in base64", found: quoted(base64),
        remedy: "encode the file's bytes, without line breaks and without 'data:'")
    }
    let bytes = Array(file)
    try Self.checkSize(of: bytes, field: field)
    do {
      let picture = try Picture(png: bytes, name: field)
      image = try picture.prepared(
        for: network.inputShape, by: network.preprocessing ?? .mnist)
      polarity = Polarity(of: picture)
    } catch is BlankPictureError {
      throw LabError(
        .unprocessableContent, field: field,
        "draw something: nothing stands out from the picture's ground; draw a 0 or a 1")
    } catch let error as FileError {
      throw LabError(.unprocessableContent, field: field, error.description)
    }
  }

  /// That a PNG says of itself that it is small, before anything is decoded: some hundred bytes can say that
  /// they are a picture of gigabytes.
  private static func checkSize(of bytes: [UInt8], field: String) throws {
    // The signature, then a chunk's length and name, then width and height: 8 + 8 + 4 + 4 bytes.
    guard bytes.count >= 24 else { return }
    func word(_ offset: Int) -> Int {
      bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    let (width, height) = (word(16), word(20))
    // Two numbers of 32 bits can multiply to more than an Int holds.
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    guard bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]), overflow || pixels > mostPixels else {
      return
    }
    throw LabError(
      .unprocessableContent, field: field,
      "\(field): expected a picture of at most \(mostPixels) pixels, found \(width)×\(height); scale it down"
    )
  }
}
