/// What is drawn in a picture, told from its ground: how much ink there is at each pixel of the
/// smallest box that holds it.
///
/// The ground is what the picture's border shows, so that it may be paper of any tint, and the ink is
/// what departs from it to the side, darker or lighter, where more of it lies. Departures no greater
/// than the border's own unevenness are ground, and so are specks.
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
    let ground = Ground(of: picture)
    let departures = ground.departures(in: picture)
    let noise = Self.deviations * ground.unevenness

    let leastMark = Int(max(noise, Double(Self.leastContrast)))
    var (darker, lighter, darkest, lightest) = (0, 0, 0, 0)
    for departure in departures where abs(Int(departure)) > leastMark {
      let departure = Int(departure)
      if departure < 0 { darker -= departure } else { lighter += departure }
      darkest = max(darkest, -departure)
      lightest = max(lightest, departure)
    }
    let isInkLighter = lighter > darker
    let strongest = isInkLighter ? lightest : darkest
    guard strongest > 0 else { return nil }
    let threshold = Int(max(noise, Double(strongest) * Self.faintest))

    var ink = departures.map { departure in
      let strength = isInkLighter ? Int(departure) : -Int(departure)
      return strength > threshold ? UInt8(strength) : 0
    }
    let (width, height) = (picture.width, picture.height)
    let box = InkComponents.removeSpecks(
      from: &ink, width: width, height: height, smallerThan: Self.speck)
    guard let box else { return nil }
    self.width = box.columns.count
    self.height = box.rows.count
    self.ink = box.rows.flatMap { y in
      ink[y * width + box.columns.lowerBound..<y * width + box.columns.upperBound]
    }
  }
}
