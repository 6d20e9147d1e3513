/// A drawing as the pen went: points close together, stroke after stroke.
struct StrokeCurve {
  /// The points of all strokes.
  var points: [SIMD2<Float>] = []
  /// The radius of the ink about each point, which the curve's scale leaves alone.
  var radii: [Float] = []
  /// Where each stroke's points lie in `points`.
  var strokes: [Range<Int>] = []

  /// How many steps lead from one knot to the next.
  static let stepsPerSpan = 7

  /// Draws the strokes of a keyframe, replacing what was drawn.
  ///
  /// Between its knots p₁ and p₂, with p₀ before and p₃ behind them, the curve is Catmull and Rom's
  /// (1974): it passes every knot in the direction from the knot before to the knot behind. At corners
  /// and ends, where there is no neighbour, the knot itself stands for it.
  mutating func draw(_ keyframe: Keyframe) {
    points.removeAll(keepingCapacity: true)
    strokes.removeAll(keepingCapacity: true)
    for knots in keyframe.strokes {
      let start = points.count
      points.append(knots[0].position)
      for span in 0..<knots.count - 1 {
        let p1 = knots[span].position
        let p2 = knots[span + 1].position
        let startsPiece = span == 0 || knots[span].isCorner
        let endsPiece = span + 2 == knots.count || knots[span + 1].isCorner
        let p0 = startsPiece ? p1 : knots[span - 1].position
        let p3 = endsPiece ? p2 : knots[span + 2].position
        let linear = p2 - p0
        let quadratic = 2 * p0 - 5 * p1 + 4 * p2 - p3
        let cubic = 3 * (p1 - p2) + p3 - p0
        for step in 1...Self.stepsPerSpan {
          let t = Float(step) / Float(Self.stepsPerSpan)
          points.append(p1 + 0.5 * t * (linear + t * (quadratic + t * cubic)))
        }
      }
      strokes.append(start..<points.count)
    }
    radii.removeAll(keepingCapacity: true)
    radii.append(contentsOf: repeatElement(0, count: points.count))
  }

  /// The smallest box that holds the ink when the points are scaled: its least and greatest corner.
  func bounds(scaledBy scale: Float) -> (least: SIMD2<Float>, greatest: SIMD2<Float>) {
    var least = SIMD2<Float>(repeating: .infinity)
    var greatest = -least
    for stroke in strokes {
      for index in stroke {
        let point = scale * points[index]
        least = pointwiseMin(least, point - radii[index])
        greatest = pointwiseMax(greatest, point + radii[index])
      }
    }
    return (least, greatest)
  }

  /// The width and height of the ink when the points are scaled.
  func size(scaledBy scale: Float) -> SIMD2<Float> {
    let box = bounds(scaledBy: scale)
    return box.greatest - box.least
  }
}
