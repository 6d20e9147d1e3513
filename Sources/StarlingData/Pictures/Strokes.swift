extension Drawing {
  /// How wide the strokes are, in pixels, on average.
  ///
  /// A stroke's outline is twice its length, so that twice its area by its outline is its width. The
  /// outline is measured as the sum of all slopes, which counts blurred edges like sharp ones.
  var strokeWidth: Double {
    func ink(_ x: Int, _ y: Int) -> Double {
      x < 0 || y < 0 || x == width || y == height ? 0 : Double(self.ink[y * width + x])
    }
    var (area, outline) = (0.0, 0.0)
    for y in -1..<height {
      for x in -1..<width {
        let (here, right, below) = (ink(x, y), ink(x + 1, y), ink(x, y + 1))
        area += here
        outline += ((right - here) * (right - here) + (below - here) * (below - here)).squareRoot()
      }
    }
    return outline > 0 ? 2 * area / outline : 0
  }

  /// The drawing as if drawn by a round pen wider by twice `radius` pixels.
  func thickened(by radius: Double) -> Drawing {
    let reach = Int(radius.rounded(.up))
    // How much of a pixel the pen covers, by its distance from the pen's middle.
    var pen: [(x: Int, y: Int, cover: Double)] = []
    for y in -reach...reach {
      for x in -reach...reach {
        let distance = Double(x * x + y * y).squareRoot()
        let cover = min(1, radius + 0.5 - distance)
        if cover > 0 { pen.append((x, y, cover)) }
      }
    }
    let newWidth = width + 2 * reach
    var thick = [UInt8](repeating: 0, count: newWidth * (height + 2 * reach))
    for y in 0..<height {
      for x in 0..<width where ink[y * width + x] > 0 {
        let strength = Double(ink[y * width + x])
        for point in pen {
          let target = (y + reach + point.y) * newWidth + x + reach + point.x
          thick[target] = max(thick[target], UInt8(strength * point.cover))
        }
      }
    }
    return Drawing(width: newWidth, height: height + 2 * reach, ink: thick)
  }

  /// The drawing in proportion, its longer side `box` pixels.
  ///
  /// - Parameters:
  ///   - box: The length of the longer side.
  ///   - full: Which of the pixels with ink, in the order of their strength from 0 to 1, gets the ink
  ///     255; those above it too.
  /// - Returns: The scaled drawing.
  func scaled(toFit box: Int, full: Double = 1) -> Drawing {
    let scale = Double(box) / Double(max(width, height))
    let newWidth = max(1, Int((Double(width) * scale).rounded()))
    let newHeight = max(1, Int((Double(height) * scale).rounded()))
    let numbers = Resampling.resampled(
      ink, width: width, height: height, toWidth: newWidth, toHeight: newHeight)
    let strengths = numbers.filter { $0 > 0 }.sorted()
    let strength = strengths[Int(full * Double(strengths.count - 1))]
    return Drawing(
      width: newWidth, height: newHeight,
      ink: numbers.map { UInt8(min(255, ($0 * 255 / strength).rounded())) })
  }
}
