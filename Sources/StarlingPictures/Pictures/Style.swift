import Starling

/// What the pictures have in common: paper, ink, a quiet grey, and much white.
enum Style {
  static let ink = RGB(0x1F2328)
  static let quiet = RGB(0x6E7781)
  static let hairline = RGB(0xE4E6E9)
  static let mistake = RGB(0xB3261E)
  static let training = RGB(0x2F6690)
  static let test = RGB(0xC8553D)

  static let margin = 40.0
  static let titleSize = 20.0
  static let bodySize = 13.0
  static let smallSize = 11.0

  /// Where what is below the heading begins.
  static let contentTop = 108.0
}

extension Drawing {
  /// A sheet with a title and a line below it.
  init(heading title: String, subtitle: String, width: Double, height: Double) {
    let needed = max(
      StrokeFont.width(of: title, size: Style.titleSize, weight: .semibold),
      StrokeFont.width(of: subtitle, size: Style.bodySize))
    self.init(
      title: title, width: max(width, needed + 2 * Style.margin).rounded(.up), height: height)
    write(
      title, at: Point(Style.margin, 56), size: Style.titleSize, color: Style.ink,
      weight: .semibold)
    write(subtitle, at: Point(Style.margin, 78), size: Style.bodySize, color: Style.quiet)
  }

  /// Adds a line of text.
  mutating func write(
    _ string: String, at position: Point, size: Double = Style.smallSize, color: RGB = Style.quiet,
    anchor: Text.Anchor = .start, weight: Text.Weight = .regular
  ) {
    add(
      .text(
        Text(string, at: position, size: size, color: color, anchor: anchor, weight: weight)))
  }

  /// Adds a line around a box, outside it.
  mutating func frame(_ box: Box, color: RGB, width: Double) {
    add(.polyline(box.inset(by: -width / 2).corners, color: color, width: width))
  }

  /// Fills a box with slanting lines: what pictures show where a number is none.
  mutating func hatch(_ box: Box, spacing: Double = 5, color: RGB = Style.quiet) {
    // Each line is x + y = sum, clipped to the box.
    var sum = box.x + box.y + spacing
    while sum < box.right + box.bottom {
      let lower = Point(max(box.x, sum - box.bottom), min(box.bottom, sum - box.x))
      let upper = Point(min(box.right, sum - box.y), max(box.y, sum - box.right))
      add(.polyline([lower, upper], color: color, width: 0.75))
      sum += spacing
    }
  }

  /// Lays a grid of cells over a box; a cell without a colour is hatched.
  mutating func cells(
    width: Int, height: Int, in box: Box, color: (_ x: Int, _ y: Int) -> RGB?
  ) {
    var bitmap = Bitmap(width: width, height: height, color: RGB(0xFFFFFF))
    let (cellWidth, cellHeight) = (box.width / Double(width), box.height / Double(height))
    var holes: [Box] = []
    for y in 0..<height {
      for x in 0..<width {
        if let color = color(x, y) {
          bitmap[x, y] = color
        } else {
          holes.append(
            Box(
              x: box.x + Double(x) * cellWidth, y: box.y + Double(y) * cellHeight,
              width: cellWidth, height: cellHeight))
        }
      }
    }
    add(.image(bitmap, box))
    for hole in holes { hatch(hole, spacing: min(5, cellWidth)) }
  }

  /// Lays an image over a box, grey or in colour; a pixel that is no number is hatched.
  mutating func image(_ image: Tensor, in box: Box) throws(PictureError) {
    let bitmap = try Bitmap(image: image)
    let plane = bitmap.width * bitmap.height
    cells(width: bitmap.width, height: bitmap.height, in: box) { x, y in
      let pixel = y * bitmap.width + x
      let isNumber = stride(from: pixel, to: image.count, by: plane)
        .allSatisfy { image.elements[$0].isFinite }
      return isNumber ? bitmap[x, y] : nil
    }
  }
}
