import LineByLine

/// How far two sums of the same numbers may be apart that were taken in different orders.
struct Rounding {
  private let most: Double

  /// From the sums of the magnitudes of what is added up.
  ///
  /// Each addition rounds by half a unit in the last place of what stands there, which is never more than the sum
  /// of all magnitudes. There are at most some hundred additions here.
  init(of magnitudes: Volume) {
    let largest = magnitudes.values.map(\.magnitude).reduce(0, Double.maximum)
    most = 1000 * Double.ulpOfOne * largest
  }

  /// Whether all numbers of two volumes are no further apart.
  func allows(between a: Volume, _ b: Volume) -> Bool {
    zip(a.values, b.values).allSatisfy { ($0 - $1).magnitude <= most }
  }
}
