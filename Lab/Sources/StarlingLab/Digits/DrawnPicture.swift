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
    do {
      // Some hundred bytes can say that they are a picture of gigabytes.
      let picture = try Picture(
        png: Array(file), name: field, largestPixelCount: Self.mostPixels)
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
}
