import Foundation
import Starling

/// How a pen inks a curve: its width, pressure and edge, in pixels.
struct Pen {
  /// The most common radius.
  let radius: Float = 1.3
  /// How much the radius varies, as a standard deviation of its logarithm.
  let radiusVariation: Float = 0.28
  /// The radii that pens have.
  let radii: ClosedRange<Float> = 0.55...2.3
  /// How much the pressure varies along a stroke, as a standard deviation of its waves.
  let pressure: Float = 0.22
  /// How much the pressure fades or grows at the ends of a stroke, as a standard deviation.
  let ends: Float = 0.15
  /// The width of the edge on which ink fades from full to none.
  let edges: ClosedRange<Float> = 0.7...1.5
}

/// A pen taken up for one digit: what was random has been decided.
struct HeldPen {
  /// The radius at middling pressure.
  let radius: Float
  /// The width of the ramp on which ink fades from full to none, half of it within the radius.
  let edge: Float
  private let amplitudes: SIMD2<Float>
  private let phases: SIMD2<Float>
  private let ends: SIMD2<Float>

  /// Takes up the pen for a digit.
  init(_ pen: Pen, for skeleton: Skeleton, using generator: inout SeededGenerator) {
    let radius =
      pen.radius * skeleton.penWidth * exp(pen.radiusVariation * generator.normalFloat())
    self.radius = min(max(radius, pen.radii.lowerBound), pen.radii.upperBound)
    edge =
      pen.edges.lowerBound
      + (pen.edges.upperBound - pen.edges.lowerBound) * Float(generator.uniform())
    amplitudes = pen.pressure * generator.normalPoint()
    phases = 2 * .pi * SIMD2(Float(generator.uniform()), Float(generator.uniform()))
    ends = pen.ends * generator.normalPoint()
  }

  /// The pressure at a share of the way along a stroke: what the radius is multiplied by.
  func pressure(at way: Float) -> Float {
    let waves =
      amplitudes.x * sin(4 * way + phases.x) + amplitudes.y * 0.5 * sin(9 * way + phases.y)
    let atEnds = ends.x * max(0, 1 - 5 * way) + ends.y * max(0, 5 * way - 4)
    return min(max(1 + waves + atEnds, 0.5), 1.5)
  }
}
