import Starling

/// One digit of a set, as a request names it.
struct DigitChoice: Sendable {
  let set: DigitSet
  let part: DigitPart
  /// The digit that is written there.
  let digit: Int
  /// Which of that digit's images.
  let index: Int
  /// How many there are.
  let count: Int
  let image: Tensor

  /// The names of its fields.
  static let fields = ["set", "part", "class", "index"]

  /// Looks up what a request asks for.
  ///
  /// - Throws: ``LabError`` for a set that is not here, or an image that it does not have.
  init(_ fields: JSONObject, in sets: DigitSets) async throws {
    set = try fields["set"].choice(of: DigitSet.self)
    part = try fields["part"].choice(of: DigitPart.self)
    digit = try fields["class"].integer(in: 0...9)
    let (dataset, positions) = try await sets.load(set, askedFor: fields["set"])[part]
    let ofDigit = positions[digit]
    count = ofDigit.count
    guard count > 0 else {
      throw try fields["class"].unexpected(
        "a digit that the set has", remedy: "choose another digit")
    }
    index = try fields["index"].integer(in: 0...count - 1)
    image = dataset[ofDigit[index]].image
  }

  /// The pixels, row by row.
  var pixels: [[Float]] { image.rows }
}

extension Tensor {
  /// The numbers in rows along the last axis.
  var rows: [[Float]] { elements.nested(shape.dimensions.last ?? 1) }
}

extension DigitSets {
  /// All images of a set that a request's field names.
  ///
  /// - Throws: ``LabError`` naming the field where the set is not here.
  func load(_ set: DigitSet, askedFor field: JSONField) async throws -> LoadedDigits {
    do {
      return try await load(set)
    } catch let error as any StarlingError {
      throw LabError(field: field.path, "\(field.path): \(error); or take 'digits'")
    }
  }
}
