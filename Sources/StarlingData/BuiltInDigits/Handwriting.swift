import Foundation
import Starling

/// How far handwriting strays from the skeletons; each number is a standard deviation.
///
/// Lengths are shares of the skeleton's box, angles radians. The values, and the skeletons, were chosen
/// by watching which real training digits a network misread that had learnt from generated ones only.
struct Handwriting {
  /// How far each knot is moved, along each axis.
  let jitter: Float = 0.042
  /// How far every stroke after the first is moved as a whole.
  let strokeShift: Float = 0.035
  /// How far each stroke is turned, in radians, and scaled, as a factor's logarithm.
  let strokeTurn: Float = 0.07
  /// How much of a stroke is missing at each end, as a share of its points.
  let trimming: Float = 0.04
  /// How strongly the paper is warped by waves of growing frequency.
  let warp: Float = 0.095
  /// How far the middle is moved up or down while top and bottom stay.
  let middle: Float = 0.22
  /// How much wider the bottom is than the top.
  let trapezoid: Float = 0.33
  /// The logarithm of width over height, relative to the skeleton's.
  let aspect: Float = 0.25
  /// The lean to the right that is most common, as a shift for each unit of height.
  let slantMean: Float = 0.12
  /// How much the lean varies.
  let slant: Float = 0.22
  /// The turn of the whole digit, in radians.
  let rotation: Float = 0.10

  /// A keyframe of the skeleton, written by a hand that does not repeat itself.
  func write(
    _ skeleton: Skeleton, into curve: inout StrokeCurve, using generator: inout SeededGenerator
  ) {
    var keyframe = skeleton.group(using: &generator).mixture(using: &generator)
    shake(&keyframe, skeleton, using: &generator)
    curve.draw(keyframe)
    trim(&curve, using: &generator)
    bend(&curve, skeleton, using: &generator)
    lean(&curve, skeleton, using: &generator)
  }

  /// Moves the knots one by one, and the strokes against each other.
  private func shake(
    _ keyframe: inout Keyframe, _ skeleton: Skeleton, using generator: inout SeededGenerator
  ) {
    let jitter = jitter * skeleton.looseness
    for stroke in keyframe.strokes.indices {
      let angle = strokeTurn * generator.normalFloat()
      let scale = exp(strokeTurn * generator.normalFloat())
      let shift = stroke == 0 ? .zero : strokeShift * generator.normalPoint()
      var middle = SIMD2<Float>.zero
      for knot in keyframe.strokes[stroke] { middle += knot.position }
      middle /= Float(keyframe.strokes[stroke].count)
      for knot in keyframe.strokes[stroke].indices {
        let arm = scale * (keyframe.strokes[stroke][knot].position - middle)
        keyframe.strokes[stroke][knot].position =
          middle + shift + arm.turned(by: angle) + jitter * generator.normalPoint()
      }
    }
  }

  /// Takes points off the ends of each stroke: a pen touches down late and lifts off early.
  private func trim(_ curve: inout StrokeCurve, using generator: inout SeededGenerator) {
    for index in curve.strokes.indices {
      let stroke = curve.strokes[index]
      let reach = trimming * Float(stroke.count)
      let atStart = min(Int(reach * abs(generator.normalFloat())), stroke.count / 4)
      let atEnd = min(Int(reach * abs(generator.normalFloat())), stroke.count / 4)
      curve.strokes[index] = stroke.lowerBound + atStart..<stroke.upperBound - atEnd
    }
  }

  /// Warps the paper smoothly: each axis is displaced by three waves of random direction and phase.
  private func bend(
    _ curve: inout StrokeCurve, _ skeleton: Skeleton, using generator: inout SeededGenerator
  ) {
    for wave in 1...3 {
      let frequency = 2.2 * Float(wave)
      let amplitude = warp * skeleton.looseness / Float(wave) * generator.normalPoint()
      let along = SIMD2(frequency, 0).turned(by: 2 * .pi * Float(generator.uniform()))
      let across = SIMD2(frequency, 0).turned(by: 2 * .pi * Float(generator.uniform()))
      let phase = 2 * Float.pi * SIMD2(Float(generator.uniform()), Float(generator.uniform()))
      for index in curve.points.indices {
        let point = curve.points[index]
        let angle = phase + SIMD2((point * along).sum(), (point * across).sum())
        curve.points[index] += amplitude * SIMD2(sin(angle.x), sin(angle.y))
      }
    }
  }

  /// Changes the proportions of the whole digit, slants and turns it.
  private func lean(
    _ curve: inout StrokeCurve, _ skeleton: Skeleton, using generator: inout SeededGenerator
  ) {
    let middle = min(max(middle * generator.normalFloat(), -0.7), 0.7)
    let trapezoid = trapezoid * skeleton.looseness * generator.normalFloat()
    let aspect = exp(aspect * skeleton.aspectVariation * generator.normalFloat())
    let slant =
      slantMean + slant * generator.normalFloat()
      + skeleton.extraSlant * Float(generator.uniform())
    let rotation = rotation * generator.normalFloat()
    for index in curve.points.indices {
      var point = curve.points[index]
      point.y += middle * point.y * (1 - point.y)
      point -= 0.5
      point.x *= aspect * (1 + trapezoid * point.y)
      point.x -= slant * point.y
      curve.points[index] = point.turned(by: rotation)
    }
  }
}

extension Skeleton {
  /// One of the groups, drawn by weight.
  func group(using generator: inout SeededGenerator) -> KeyframeGroup {
    var left = generator.uniform() * groups.reduce(0) { $0 + $1.weight }
    for group in groups.dropLast() {
      left -= group.weight
      if left < 0 { return group }
    }
    return groups[groups.count - 1]
  }
}

extension SeededGenerator {
  /// A number from the standard normal distribution.
  mutating func normalFloat() -> Float { Float(normal()) }

  /// A point whose coordinates are from the standard normal distribution.
  mutating func normalPoint() -> SIMD2<Float> {
    let x = normalFloat()
    return SIMD2(x, normalFloat())
  }
}

extension SIMD2<Float> {
  /// This vector turned by an angle in radians.
  func turned(by angle: Float) -> SIMD2<Float> {
    let (cosine, sine) = (cos(angle), sin(angle))
    return SIMD2(cosine * x - sine * y, sine * x + cosine * y)
  }
}
