import LineByLine

/// Page 7: binary cross-entropy, with its gradient as it must be and as the deck prints it.
struct CrossEntropy: Encodable {
  /// E = −1/m Σ [y log ŷ + (1 − y) log(1 − ŷ)].
  let error: Double
  let gradient: [Double]
  /// The deck's gradient, which lacks the 1/m.
  let asPrinted: [Double]
  /// How many times too large that is; nothing, where the gradient is 0 or not finite.
  let ratio: Ratio
  let measured: [Double]
  let checks: [MeasuredCheck<[Double]>]
  /// Error and slope over the first prediction, the others held.
  let curve: [Point]

  /// A number, or `null`.
  struct Ratio: Encodable {
    let value: Double?

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(value)
    }
  }

  struct Point: Encodable {
    let p, error, slope: Double
  }

  init(_ body: JSONField) throws {
    let fields = try body.object(["y", "p"])
    let targets = try fields["y"].numbers(1...4, in: 0...1)
    let predictions = try fields["p"].numbers(1...4, in: 0...1)
    guard predictions.count == targets.count else {
      throw try fields["p"].unexpected(
        "\(counted(targets.count, "numbers")), as y has", found: "\(predictions.count)",
        remedy: "give a prediction for each target")
    }
    let loss = BinaryCrossEntropy()
    let (y, p) = (Volume(column: targets), Volume(column: predictions))
    let error = loss.error(target: y, prediction: p)
    let gradient = loss.gradient(target: y, prediction: p)
    let asPrinted = loss.gradientAsPrinted(target: y, prediction: p)
    let checks = [("gradient", gradient), ("asPrinted", asPrinted)].map { name, slopes in
      Measurement(of: slopes, at: p, h: Self.step(predictions), magnitude: error) { numbers in
        loss.error(target: y, prediction: numbers)
      }.check(name, as: \.values)
    }
    self.error = error
    self.gradient = gradient.values
    self.asPrinted = asPrinted.values
    ratio = Ratio(value: Self.ratio(asPrinted.values, gradient.values))
    measured = checks[0].measured
    self.checks = checks
    curve = (1...99).map { percent in
      var moved = predictions
      moved[0] = Double(percent) / 100
      let p = Volume(column: moved)
      return Point(
        p: moved[0], error: loss.error(target: y, prediction: p),
        slope: loss.gradient(target: y, prediction: p).values[0])
    }
  }

  /// h: small beside the distance to 0 and 1, where the slope grows without end.
  private static func step(_ predictions: [Double]) -> Double {
    let nearest = predictions.map { min($0, 1 - $0) }.reduce(1, min)
    return nearest > 0 ? Measurement.usualStep * nearest : Measurement.usualStep
  }

  /// Of the largest slope, which is known best.
  private static func ratio(_ asPrinted: [Double], _ gradient: [Double]) -> Double? {
    let pair = zip(asPrinted, gradient).max { $0.1.magnitude < $1.1.magnitude }
    guard let (printed, slope) = pair, slope.isFinite, slope != 0 else { return nil }
    return printed / slope
  }
}
