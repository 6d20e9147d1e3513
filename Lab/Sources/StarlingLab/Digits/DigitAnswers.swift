import Starling

/// Which sets of images are here.
struct DataAnswer: Encodable {
  /// Whether a set is here.
  struct Availability: Encodable {
    let isAvailable: Bool
    /// Why not; empty where it is.
    let message: String
  }

  let mnist: Availability
  let digits = Availability(isAvailable: true, message: "")

  /// Tries to read the sets.
  init(_ sets: DigitSets) async {
    do {
      _ = try await sets.load(.mnist)
      mnist = Availability(isAvailable: true, message: "")
    } catch {
      mnist = Availability(isAvailable: false, message: "\(error)")
    }
  }
}

/// One digit of a set.
struct DigitAnswer: Encodable {
  let set: DigitSet
  let part: DigitPart
  let `class`: Int
  let index: Int
  let count: Int
  let pixels: [[Float]]

  init(_ choice: DigitChoice) {
    set = choice.set
    part = choice.part
    `class` = choice.digit
    index = choice.index
    count = choice.count
    pixels = choice.pixels
  }
}
