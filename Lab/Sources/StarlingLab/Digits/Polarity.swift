import StarlingData

/// Which of a drawing and its ground is the darker.
enum Polarity: String, Encodable, Sendable {
  /// Ink on paper.
  case darkOnLight
  /// As MNIST has it.
  case lightOnDark
  /// Nothing was asked: the pixels came as a network sees them.
  case asGiven

  /// The least difference from the ground, of 255, that counts as a mark.
  private static let leastContrast = 16

  /// The polarity of a picture in which something is drawn: to which side of its border's shade more departs.
  init(of picture: Picture) {
    let (width, height) = (picture.width, picture.height)
    var border: [Int] = []
    for x in 0..<width { border += [picture.shade(x, 0), picture.shade(x, height - 1)] }
    for y in 0..<height { border += [picture.shade(0, y), picture.shade(width - 1, y)] }
    border.sort()
    let ground = border[border.count / 2]
    var (darker, lighter) = (0, 0)
    for y in 0..<height {
      for x in 0..<width {
        let departure = picture.shade(x, y) - ground
        if departure > Self.leastContrast { lighter += departure }
        if departure < -Self.leastContrast { darker -= departure }
      }
    }
    self = lighter > darker ? .lightOnDark : .darkOnLight
  }
}

extension Picture {
  /// How light a pixel is, from 0 to 255: of a coloured one its luma (ITU-R BT.601), in 256ths.
  fileprivate func shade(_ x: Int, _ y: Int) -> Int {
    let first = (y * width + x) * channels
    guard channels == 3 else { return Int(pixels[first]) }
    let (red, green, blue) = (Int(pixels[first]), Int(pixels[first + 1]), Int(pixels[first + 2]))
    return (77 * red + 150 * green + 29 * blue + 128) >> 8
  }
}
