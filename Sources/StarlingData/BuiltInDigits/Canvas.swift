/// A picture of 28×28 pixels, each with its share of ink from 0 to 1.
struct Canvas {
  /// The length of each side.
  static let side = 28

  /// The number of pixels.
  static let pixelCount = side * side

  /// The ink, row by row.
  private(set) var ink = [Float](repeating: 0, count: pixelCount)

  /// Wipes the picture clean.
  mutating func clear() {
    for index in ink.indices { ink[index] = 0 }
  }

  /// Inks a straight piece of a stroke, with round ends.
  ///
  /// A pixel whose middle is deep inside the piece is full, one far outside keeps what it has, and on
  /// a ramp of width `edge` about its border the ink falls off linearly. Where pieces overlap, the
  /// darker counts.
  mutating func line(
    from start: SIMD2<Float>, radius startRadius: Float,
    to end: SIMD2<Float>, radius endRadius: Float, edge: Float
  ) {
    let reach = max(startRadius, endRadius) + edge / 2
    let direction = end - start
    let lengthSquared = max((direction * direction).sum(), 1e-12)
    let columns = Self.pixels(min(start.x, end.x) - reach, max(start.x, end.x) + reach)
    let rows = Self.pixels(min(start.y, end.y) - reach, max(start.y, end.y) + reach)
    ink.withUnsafeMutableBufferPointer { ink in
      for row in rows {
        let y = Float(row) + 0.5 - start.y
        for column in columns {
          let x = Float(column) + 0.5 - start.x
          let way = min(max((x * direction.x + y * direction.y) / lengthSquared, 0), 1)
          let dx = x - way * direction.x
          let dy = y - way * direction.y
          let distance = (dx * dx + dy * dy).squareRoot()
          let radius = startRadius + way * (endRadius - startRadius)
          let share = min((radius - distance) / edge + 0.5, 1)
          let index = row * Self.side + column
          if share > ink[index] { ink[index] = share }
        }
      }
    }
  }

  /// Writes the picture as bytes, moved by whole pixels so that it is centred as MNIST's digits are.
  ///
  /// Their centre of mass lies within half a pixel of the middle of the pixel in row 14 and column 14,
  /// counted from 0.
  ///
  /// - Parameter picture: 784 bytes, all of them 0.
  func copyCentered(to picture: UnsafeMutableBufferPointer<UInt8>) {
    var total: Float = 0
    var moment = SIMD2<Float>.zero
    for row in 0..<Self.side {
      for column in 0..<Self.side {
        let mass = ink[row * Self.side + column]
        total += mass
        moment += mass * SIMD2(Float(column), Float(row))
      }
    }
    guard total > 0 else { return }
    let middle = Float(Self.side / 2)
    let right = Int((middle - moment.x / total).rounded())
    let down = Int((middle - moment.y / total).rounded())
    for row in max(0, down)..<min(Self.side, Self.side + down) {
      for column in max(0, right)..<min(Self.side, Self.side + right) {
        let share = ink[(row - down) * Self.side + column - right]
        picture[row * Self.side + column] = UInt8((share * 255).rounded())
      }
    }
  }

  /// The indices of the pixels whose middles lie between two coordinates.
  private static func pixels(_ least: Float, _ greatest: Float) -> Range<Int> {
    let first = min(max((least - 0.5).rounded(.up), 0), Float(side))
    let last = min(max((greatest + 0.5).rounded(.down), first), Float(side))
    return Int(first)..<Int(last)
  }
}
