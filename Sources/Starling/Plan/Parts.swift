/// A length cut into fixed parts, the same for any number of workers.
package struct Parts: Hashable, Sendable {
  /// Where each part begins, and behind the last the end.
  let bounds: [Int]

  /// How many parts there are.
  var count: Int { bounds.count - 1 }

  /// The length of the longest part.
  var longest: Int { zip(bounds, bounds.dropFirst()).reduce(0) { max($0, $1.1 - $1.0) } }

  /// Whether each part but the last fills vectors of 16.
  var fillVectors: Bool { bounds.dropLast().allSatisfy { $0 % 16 == 0 } }

  /// Whether no part ends within one of the pieces of so many that the length consists of.
  func consist(ofWhole piece: Int) -> Bool { bounds.allSatisfy { $0 % piece == 0 } }

  /// How many parts work is cut into where more would only cost.
  static let usual = 8

  /// At most `most` parts of nearly the same length, each at least `least` long.
  init(_ length: Int, most: Int = Parts.usual, least: Int = 1) {
    let count = max(1, min(most, length / max(1, least)))
    bounds = (0...count).map { $0 * length / count }
  }

  /// Parts that end where a row of `row` ends and, if it can be had, where a vector does.
  init(_ length: Int, rows row: Int) {
    var granule = row
    while granule % 16 != 0, granule * 2 * Parts.usual <= length { granule *= 2 }
    if granule % 16 != 0 { granule = row }
    let count = max(1, min(Parts.usual, length / granule))
    bounds = (0..<count).map { $0 * (length / granule) / count * granule } + [length]
  }

  /// One part.
  subscript(part: Int) -> Range<Int> { bounds[part]..<bounds[part + 1] }
}
