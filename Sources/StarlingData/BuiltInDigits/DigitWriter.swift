import Starling

/// Writes one digit after another, reusing its memory.
struct DigitWriter {
  private let handwriting = Handwriting()
  private let pen = Pen()
  private var curve = StrokeCurve()
  private var canvas = Canvas()

  /// How far the ink reaches from the middle of the longer side, in pixels.
  ///
  /// MNIST's digits measure 20 pixels along it; a pixel is inked when the ink reaches beyond its middle.
  private let halfBox: Float = 10.3

  /// Writes a digit, as 784 bytes, into a picture that is black so far.
  mutating func write(
    _ digit: Int, into picture: UnsafeMutableBufferPointer<UInt8>,
    using generator: inout SeededGenerator
  ) {
    let skeleton = Skeleton.digits[digit]
    handwriting.write(skeleton, into: &curve, using: &generator)
    let held = HeldPen(pen, for: skeleton, using: &generator)
    let line = curve.size(scaledBy: 1)
    let longer = max(line.max(), 1e-3)
    press(held, widest: skeleton.widestPen * 2 * halfBox * max(line.min(), 1e-3) / longer)
    fit(line: longer, edge: held.edge)
    canvas.clear()
    for stroke in curve.strokes {
      for index in stroke.dropLast() {
        canvas.line(
          from: curve.points[index], radius: curve.radii[index],
          to: curve.points[index + 1], radius: curve.radii[index + 1], edge: held.edge)
      }
    }
    canvas.copyCentered(to: picture)
  }

  /// Decides the pen's radius at each point of the curve.
  ///
  /// - Parameters:
  ///   - pen: The pen that writes.
  ///   - widest: The largest radius that leaves the digit's holes open.
  private mutating func press(_ pen: HeldPen, widest: Float) {
    let radius = min(pen.radius, max(widest, self.pen.radii.lowerBound))
    for stroke in curve.strokes {
      let steps = Float(stroke.count - 1)
      for (step, index) in stroke.enumerated() {
        curve.radii[index] = radius * pen.pressure(at: Float(step) / steps)
      }
    }
  }

  /// Scales the drawing so that its ink fills the box, and puts it in the middle of the canvas.
  private mutating func fit(line: Float, edge: Float) {
    var scale = (2 * halfBox - edge) / line
    // The line grows with the scale, but the pen's width does not: each round takes up what is left.
    for _ in 0..<3 {
      scale += (2 * halfBox - edge - curve.size(scaledBy: scale).max()) / line
    }
    let box = curve.bounds(scaledBy: scale)
    let shift = (Float(Canvas.side) - box.least - box.greatest) / 2
    for index in curve.points.indices {
      curve.points[index] = scale * curve.points[index] + shift
    }
  }
}
