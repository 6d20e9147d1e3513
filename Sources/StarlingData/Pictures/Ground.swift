/// What a drawing stands on, as its picture's border shows it: a shade, which may change evenly from
/// side to side as light on paper does, and some unevenness.
struct Ground {
  private let width: Int
  private let height: Int
  /// The shade in the picture's middle.
  private let level: Double
  /// How much the shade changes from the left side to the right, and from the top to the bottom.
  private let (slopeX, slopeY): (Double, Double)
  /// The standard deviation of the ground around its shade.
  let unevenness: Double

  /// A side whose middle shade differs from the whole border's by more than this is no ground: the
  /// drawing covers it.
  private static let largestSlope = 40

  /// The ground of a grey picture.
  init(of picture: Picture) {
    let (width, height, pixels) = (picture.width, picture.height, picture.pixels)
    let top = Array(pixels.prefix(width))
    let bottom = Array(pixels.suffix(width))
    let left = (0..<height).map { pixels[$0 * width] }
    let right = (0..<height).map { pixels[$0 * width + width - 1] }
    let middle = Self.median((top + bottom + left + right).map { Double($0) })
    func slope(_ start: [UInt8], _ end: [UInt8]) -> Double {
      let (start, end) = (Self.median(start.map(Double.init)), Self.median(end.map(Double.init)))
      let largest = Double(Self.largestSlope)
      return abs(start - middle) <= largest && abs(end - middle) <= largest ? end - start : 0
    }
    let (slopeX, slopeY) = (slope(left, right), slope(top, bottom))

    // What is left of the border when the slopes are taken away.
    var flat: [Double] = []
    for x in 0..<width {
      let change = slopeX * Self.position(x, of: width)
      flat += [Double(top[x]) - change + slopeY / 2, Double(bottom[x]) - change - slopeY / 2]
    }
    for y in 0..<height {
      let change = slopeY * Self.position(y, of: height)
      flat += [Double(left[y]) - change + slopeX / 2, Double(right[y]) - change - slopeX / 2]
    }
    let level = Self.median(flat)
    self.width = width
    self.height = height
    self.level = level
    (self.slopeX, self.slopeY) = (slopeX, slopeY)
    // The middle deviation of a normal distribution is 1/1.4826 of its standard deviation.
    unevenness = 1.4826 * Self.median(flat.map { abs($0 - level) })
  }

  /// Whether the ground is nearer to white than to black.
  var isLight: Bool { level > 127.5 }

  /// How far each pixel of the picture departs from the ground, row by row: positive where it is
  /// lighter.
  func departures(in picture: Picture) -> [Int16] {
    [Int16](unsafeUninitializedCapacity: width * height) { output, count in
      for y in 0..<height {
        let row = level + slopeY * Self.position(y, of: height)
        for x in 0..<width {
          let ground = row + slopeX * Self.position(x, of: width)
          let departure = (Double(picture.pixels[y * width + x]) - ground).rounded()
          output[y * width + x] = Int16(min(max(departure, -255), 255))
        }
      }
      count = width * height
    }
  }

  /// A place along an axis, from −½ at its first pixel to ½ at its last.
  private static func position(_ index: Int, of length: Int) -> Double {
    length > 1 ? Double(index) / Double(length - 1) - 0.5 : 0
  }

  private static func median(_ values: [Double]) -> Double {
    values.sorted()[values.count / 2]
  }
}
