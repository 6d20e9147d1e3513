/// Scaling of one plane of numbers to another size.
///
/// Down, a new pixel is the mean over the area that it covers of the old ones, parts of pixels counted
/// as parts. Up, it is interpolated between the two nearest in each direction. The two axes are
/// scaled one after the other, each in its own way.
enum Resampling {
  /// Where one new number comes from: old ones side by side, with weights that add up to 1.
  private struct Tap {
    var first: Int
    var weights: [Float]
  }

  /// The plane `source`, row by row, at another size.
  static func resampled(
    _ source: [UInt8], width: Int, height: Int, toWidth newWidth: Int, toHeight newHeight: Int
  ) -> [Float] {
    let columns = taps(from: width, to: newWidth)
    let rows = taps(from: height, to: newHeight)
    var narrow = [Float](repeating: 0, count: height * newWidth)
    for y in 0..<height {
      for (x, tap) in columns.enumerated() {
        var sum: Float = 0
        for (index, weight) in tap.weights.enumerated() {
          sum += weight * Float(source[y * width + tap.first + index])
        }
        narrow[y * newWidth + x] = sum
      }
    }
    var result = [Float](repeating: 0, count: newHeight * newWidth)
    for (y, tap) in rows.enumerated() {
      for (index, weight) in tap.weights.enumerated() {
        for x in 0..<newWidth {
          result[y * newWidth + x] += weight * narrow[(tap.first + index) * newWidth + x]
        }
      }
    }
    return result
  }

  private static func taps(from length: Int, to newLength: Int) -> [Tap] {
    let ratio = Float(length) / Float(newLength)
    return (0..<newLength).map { position in
      length >= newLength
        ? areaTap(from: Float(position) * ratio, to: Float(position + 1) * ratio, of: length)
        : linearTap(at: (Float(position) + 0.5) * ratio - 0.5, of: length)
    }
  }

  /// The mean over the stretch from `start` to `end`, of pixels one long.
  private static func areaTap(from start: Float, to end: Float, of length: Int) -> Tap {
    let first = min(Int(start), length - 1)
    let last = min(max(first, Int(end.rounded(.up)) - 1), length - 1)
    let shares = (first...last).map { min(Float($0 + 1), end) - max(Float($0), start) }
    let total = shares.reduce(0, +)
    return Tap(first: first, weights: shares.map { $0 / total })
  }

  /// The value at a point between two pixel centres; beyond the outermost, theirs.
  private static func linearTap(at point: Float, of length: Int) -> Tap {
    let point = min(max(point, 0), Float(length - 1))
    let first = min(Int(point), max(0, length - 2))
    let share = point - Float(first)
    return Tap(first: first, weights: length == 1 ? [1] : [1 - share, share])
  }
}
