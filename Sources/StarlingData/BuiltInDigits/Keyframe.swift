import Foundation
import Starling

/// One way to write a digit: the points that the pen passes, stroke by stroke.
///
/// Coordinates lie in a box from 0 to 1, x to the right and y down.
package struct Keyframe: Sendable {
  /// A point that the pen passes, and whether it turns sharply there.
  package struct Knot: Sendable {
    /// Where the point lies.
    package var position: SIMD2<Float>
    /// Whether the curve ends here and a new one begins, without lifting the pen.
    package var isCorner: Bool
  }

  /// The knots of each stroke; between two strokes the pen is lifted.
  package var strokes: [[Knot]]

  /// Reads a drawing such as `12,6 82,3 / 52,68 44,100 + 30,50 70,48`.
  ///
  /// Points are given in hundredths of the box; `/` makes the point before it a corner, `+` lifts the
  /// pen. The result is `nil` where the drawing holds anything else, or a stroke has fewer than two
  /// points.
  package init?(_ drawing: String) {
    strokes = [[]]
    for word in drawing.split(separator: " ") {
      let last = strokes.count - 1
      if word == "+" {
        strokes.append([])
      } else if word == "/" {
        guard !strokes[last].isEmpty else { return nil }
        strokes[last][strokes[last].count - 1].isCorner = true
      } else {
        let numbers = word.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 2, let x = numbers[0], let y = numbers[1] else { return nil }
        let position = SIMD2(Float(x), Float(y)) / 100
        strokes[last].append(Knot(position: position, isCorner: false))
      }
    }
    guard strokes.allSatisfy({ $0.count >= 2 }) else { return nil }
  }

  /// Whether the two have the same strokes, points and corners, so that they can be mixed.
  package func isMixable(with other: Keyframe) -> Bool {
    strokes.map { $0.map(\.isCorner) } == other.strokes.map { $0.map(\.isCorner) }
  }
}

/// Keyframes of the same make, between which any mixture is a digit too.
package struct KeyframeGroup: Sendable {
  /// How often it is written, relative to the digit's other groups.
  package let weight: Double
  /// The keyframes, all of the same strokes, points and corners.
  package let keyframes: [Keyframe]

  /// A group of drawings in the notation of ``Keyframe/init(_:)``.
  package init(_ weight: Double, _ drawings: String...) {
    self.weight = weight
    keyframes = drawings.map { drawing in
      guard let keyframe = Keyframe(drawing) else {
        preconditionFailure("not a drawing of points, '/' and '+': \(drawing)")
      }
      return keyframe
    }
    precondition(
      keyframes.dropFirst().allSatisfy { $0.isMixable(with: keyframes[0]) },
      "drawings of one group have the same strokes, points and corners: \(drawings)")
  }

  /// A random mixture of the keyframes, reaching somewhat beyond them.
  func mixture(using generator: inout SeededGenerator) -> Keyframe {
    var result = keyframes[0]
    guard keyframes.count > 1 else { return result }
    // Exponential draws, divided by their sum, are uniform over all convex weights; stretching them
    // about their centre by a quarter steps a little outside.
    var weights = keyframes.map { _ in Float(-log(1 - generator.uniform())) }
    let sum = weights.reduce(0, +)
    let center = 1 / Float(weights.count)
    for index in weights.indices {
      weights[index] = center + 1.25 * (weights[index] / sum - center)
    }
    for stroke in result.strokes.indices {
      for knot in result.strokes[stroke].indices {
        var position = SIMD2<Float>.zero
        for (weight, keyframe) in zip(weights, keyframes) {
          position += weight * keyframe.strokes[stroke][knot].position
        }
        result.strokes[stroke][knot].position = position
      }
    }
    return result
  }
}
