import LineByLine

/// Page 7: the sigmoid at one x, its slope, and the curve around.
struct SigmoidCurve: Encodable {
  let x: Double
  /// σ(x).
  let y: Double
  /// σ′(x).
  let slope: Double
  /// dE/dx = dE/dy σ′(x).
  let dX: Double
  let check: MeasuredCheck<Double>
  let curve: [Point]

  struct Point: Encodable {
    let x, y, slope: Double
  }

  init(_ body: JSONField) throws {
    let fields = try body.object(["x", "dY"])
    let x = try fields["x"].number()
    let dY = try fields.optional("dY")?.number() ?? 1
    let point = Self.point(x)
    let gradient = Self.gradient(x, dY)
    let measurement = Measurement(
      of: gradient, at: Volume(column: [x]), magnitude: (dY * point.y).magnitude
    ) { numbers in
      dY * Sigmoid().forward(numbers).values[0]
    }
    self.x = x
    y = point.y
    slope = point.slope
    dX = gradient.values[0]
    check = measurement.check("dX") { $0.values[0] }
    curve = stride(from: -8.0, through: 8, by: 0.25).map(Self.point)
  }

  private static func point(_ x: Double) -> Point {
    Point(
      x: x, y: Sigmoid().forward(Volume(column: [x])).values[0], slope: gradient(x, 1).values[0])
  }

  private static func gradient(_ x: Double, _ dY: Double) -> Volume {
    Sigmoid().backward(Volume(column: [dY]), input: Volume(column: [x])).dX
  }
}
