/// What is drawn in a picture, told from its ground: how much ink there is at each pixel of the
/// smallest box that holds it.
///
/// The ground is the middle value along the picture's border, so that it may be paper of any tint, and
/// the ink is what departs from it to the side, darker or lighter, where more of it lies. Departures
/// no greater than the border's own unevenness are ground, and so are specks.
struct Drawing {
  let width: Int
  let height: Int
  /// How far each pixel departs from the ground, row by row; 0 where there is none.
  let ink: [UInt8]

  /// The least departure, of 255, that the eye takes for a mark.
  private static let leastContrast = 16
  /// Ink fainter than this share of the strongest is the blur around it.
  private static let faintest = 1 / 32.0
  /// How many standard deviations of the ground's unevenness count as ground: of a million pixels
  /// none passes by chance.
  private static let deviations = 6.0
  /// A connected mark with less than this share of all ink is a speck.
  private static let speck = 0.01

  /// A drawing of the given ink.
  init(width: Int, height: Int, ink: [UInt8]) {
    self.width = width
    self.height = height
    self.ink = ink
  }

  /// Finds the drawing in a grey picture; `nil` when there is nothing to see.
  init?(in picture: Picture) {
    let (width, height, pixels) = (picture.width, picture.height, picture.pixels)
    let border = Self.border(of: picture)
    let ground = Int(Self.median(border))
    let unevenness = Int(Self.median(border.map { UInt8(abs(Int($0) - ground)) }))
    // The middle deviation of a normal distribution is 1/1.4826 of its standard deviation.
    let noise = Self.deviations * 1.4826 * Double(unevenness)

    var histogram = [Int](repeating: 0, count: 256)
    for pixel in pixels { histogram[Int(pixel)] += 1 }
    let leastMark = max(noise, Double(Self.leastContrast))
    var (darker, lighter, darkest, lightest) = (0, 0, 0, 0)
    for (value, count) in histogram.enumerated() where count > 0 {
      let departure = value - ground
      guard Double(abs(departure)) > leastMark else { continue }
      if departure < 0 { darker -= departure * count } else { lighter += departure * count }
      darkest = max(darkest, -departure)
      lightest = max(lightest, departure)
    }
    let isInkLighter = lighter > darker
    let strongest = isInkLighter ? lightest : darkest
    guard strongest > 0 else { return nil }
    let threshold = Int(max(noise, Double(strongest) * Self.faintest))

    // Which departure each byte means, once for all pixels.
    let departures = (0..<256).map { value in
      let departure = isInkLighter ? value - ground : ground - value
      return departure > threshold ? UInt8(departure) : 0
    }
    var ink = pixels.map { departures[Int($0)] }
    let box = InkComponents.removeSpecks(
      from: &ink, width: width, height: height, smallerThan: Self.speck)
    guard let box else { return nil }
    self.width = box.columns.count
    self.height = box.rows.count
    self.ink = box.rows.flatMap { y in
      ink[y * width + box.columns.lowerBound..<y * width + box.columns.upperBound]
    }
  }

  /// Whether the middle value along the border of a grey picture is nearer to white than to black.
  static func isGroundLight(of picture: Picture) -> Bool {
    median(border(of: picture)) > 127
  }

  /// The outermost pixels of a picture.
  private static func border(of picture: Picture) -> [UInt8] {
    let (width, pixels) = (picture.width, picture.pixels)
    let sides = (0..<picture.height).flatMap { y in
      [pixels[y * width], pixels[y * width + width - 1]]
    }
    return pixels.prefix(width) + pixels.suffix(width) + sides
  }

  private static func median(_ values: [UInt8]) -> UInt8 {
    values.sorted()[values.count / 2]
  }
}
