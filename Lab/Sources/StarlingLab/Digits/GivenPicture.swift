import Starling

/// The picture in a request: a PNG that is brought to what the network was taught with, or the very pixels that
/// the network is to see.
enum GivenPicture: Sendable {
  /// A PNG file in base64.
  case png(String)
  /// An image as the sets have it.
  case pixels(Tensor)

  private static let side = 28

  /// Reads the one of the fields `png` and `pixels` that is there.
  init(_ fields: JSONObject) throws {
    guard let field = fields.optional("pixels") else {
      guard let png = fields.optional("png") else {
        throw LabError(
          field: "png", expected: "a picture, or pixels in its place", found: "neither",
          remedy: "give one of the two")
      }
      self = .png(try png.text())
      return
    }
    guard fields.optional("png") == nil else {
      throw field.unexpected("nothing beside png", remedy: "give one of the two")
    }
    let side = Self.side
    let rows = try field.list(side...side, of: "rows").map { row in
      try row.numbers(side...side, in: 0...1).map(Float.init)
    }
    self = .pixels(try Tensor([1, side, side], elements: rows.flatMap { $0 }))
  }
}
