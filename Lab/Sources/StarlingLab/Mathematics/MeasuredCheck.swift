import LineByLine

/// A gradient beside its finite difference.
struct MeasuredCheck<Measured: Encodable>: Encodable {
  /// Which gradient.
  let name: String
  /// How far the two are apart, relative to the largest number in either.
  let maxRelativeError: Double
  /// How far they may be apart.
  let tolerance: Double
  let result: Result
  /// The finite difference, in the form of the gradient.
  let measured: Measured

  enum Result: String, Encodable {
    case pass, fail
    /// No finite difference can tell: it has no value there, or rounding alone is as large as the slope.
    case unmeasurable
  }

  fileprivate init(name: String, _ measurement: Measurement, measured: Measured) {
    self.name = name
    maxRelativeError = measurement.error
    tolerance = measurement.tolerance
    // A gradient that is not a number is near to nothing, and so fails.
    result =
      !measurement.isMeasurable
      ? .unmeasurable : measurement.error <= measurement.tolerance ? .pass : .fail
    self.measured = measured
  }
}

/// What finite differences say of a gradient.
struct Measurement {
  /// dE/dX by trying.
  let slopes: Volume
  let error: Double
  let tolerance: Double
  /// Whether the finite difference says anything.
  let isMeasurable: Bool

  /// Tries.
  ///
  /// - Parameters:
  ///   - gradient: What is to be checked.
  ///   - X: The numbers to move.
  ///   - h: How far.
  ///   - magnitude: The sum of the magnitudes of what E adds up, which says how much E may be
  ///     rounded.
  ///   - error: E as a function of the numbers.
  init(
    of gradient: Volume, at X: Volume, h: Double = Self.usualStep, magnitude: Double,
    error: (Volume) -> Double
  ) {
    slopes = finiteDifferences(at: X, h: h, of: error)
    self.error = relativeError(gradient, slopes)
    // No measurement is finer than the rounding of what is measured: of E, a few units in the last
    // place of what it adds up, and of the numbers that h is added to. It shows only where those are
    // large beside the gradient, as in the sigmoid's flat part.
    let largest = (gradient.values + slopes.values).map(\.magnitude).reduce(0, Double.maximum)
    let rounding = Double.ulpOfOne * 8 * magnitude / h
    let moved = X.values.map(\.magnitude).reduce(0, Double.maximum)
    let allowance = (largest > 0 ? rounding / largest : 0) + Double.ulpOfOne * moved / h
    tolerance = allowance.isNaN ? Self.usualTolerance : min(max(Self.usualTolerance, allowance), 1)
    // A slope of exactly 0 is as large as no other: it is measured if the noise around it is small.
    let isFlat = gradient.values.allSatisfy { $0 == 0 } && rounding <= Self.usualTolerance
    isMeasurable =
      !slopes.values.contains(where: \.isNaN) && (tolerance <= Self.largestTolerance || isFlat)
  }

  /// How far numbers are moved, if they are of the size of the deck's.
  static let usualStep = 1e-5
  private static let usualTolerance = 1e-6
  /// A finite difference of less than one digit says nothing.
  private static let largestTolerance = 0.1

  /// The check, with what was measured in the form of the gradient.
  func check<Measured: Encodable>(
    _ name: String, as form: (Volume) -> Measured
  ) -> MeasuredCheck<Measured> {
    MeasuredCheck(name: name, self, measured: form(slopes))
  }
}
