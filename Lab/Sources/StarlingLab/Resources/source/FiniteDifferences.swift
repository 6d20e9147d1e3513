/// dE/dX by trying: each number is moved up and down by h, and the error's change is measured.
///
///     dE/dx ≈ (E(x + h) − E(x − h)) / 2h
///
/// It knows nothing of how a gradient is derived, and so it can tell whether one is right. With
/// h = 10⁻⁵ and `Double` the two agree to nine digits or so; `Float` would leave hardly one.
///
/// - Parameters:
///   - X: The numbers to move, one at a time.
///   - h: How far.
///   - error: E as a function of the numbers.
/// - Returns: A volume of the shape of X.
public func finiteDifferences(
  at X: Volume, h: Double = 1e-5, of error: (Volume) -> Double
) -> Volume {
  let values = X.values
  let slopes = values.indices.map { index in
    var (up, down) = (values, values)
    up[index] += h
    down[index] -= h
    let rise =
      error(Volume(shape: X.shape, values: up)) - error(Volume(shape: X.shape, values: down))
    return rise / (2 * h)
  }
  return Volume(shape: X.shape, values: slopes)
}

/// How far two volumes are apart: the largest difference, relative to the largest number in either.
///
/// - Parameters:
///   - A: One volume.
///   - B: Another of the same shape.
/// - Returns: 0 if they are equal; not a number if one of them holds something that is none.
public func relativeError(_ A: Volume, _ B: Volume) -> Double {
  let differences = A.zipped(with: B) { a, b in (a - b).magnitude }.values
  guard !differences.contains(where: \.isNaN) else { return .nan }
  let largest = (A.values + B.values).map(\.magnitude).reduce(0, Double.maximum)
  let difference = differences.reduce(0, Double.maximum)
  return difference == 0 ? 0 : difference / largest
}
