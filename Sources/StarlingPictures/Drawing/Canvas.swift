/// A sheet of pixels on which marks are drawn with smooth edges.
///
/// A pixel that a mark covers in part takes that part of its colour. For rectangles the part is
/// exact; for round things it falls from 1 to 0 within one pixel of the edge.
struct Canvas {
  private(set) var bitmap: Bitmap
  private let scale: Double

  /// An empty sheet of a drawing's size, with `scale` pixels to a point.
  init(width: Int, height: Int, scale: Double, background: RGB) {
    bitmap = Bitmap(width: width, height: height, color: background)
    self.scale = scale
  }

  mutating func draw(_ mark: Mark) {
    switch mark {
    case .rectangle(let box, let fill):
      self.fill(scaled(box), fill)
    case .polyline(let points, let color, let width):
      stroke([points.map(scaled)], color, width: width * scale)
    case .circle(let center, let radius, let fill):
      stroke([[scaled(center)]], fill, width: radius * 2 * scale)
    case .text(let text):
      let pen = StrokeFont.penWidth(size: text.size, weight: text.weight)
      stroke(
        StrokeFont.lines(of: text).map { $0.map(scaled) }, text.color, width: pen * scale)
    case .image(let image, let box):
      draw(image, in: scaled(box))
    }
  }

  private func scaled(_ point: Point) -> Point { Point(point.x * scale, point.y * scale) }

  private func scaled(_ box: Box) -> Box {
    Box(
      x: box.x * scale, y: box.y * scale, width: box.width * scale, height: box.height * scale)
  }

  private mutating func fill(_ box: Box, _ color: RGB) {
    for y in rows(from: box.y, to: box.bottom) {
      let tall = min(box.bottom, Double(y + 1)) - max(box.y, Double(y))
      for x in columns(from: box.x, to: box.right) {
        let wide = min(box.right, Double(x + 1)) - max(box.x, Double(x))
        blend(color, x, y, coverage: tall * wide)
      }
    }
  }

  /// Each pixel takes the colour of the image's pixel that its centre lies in.
  private mutating func draw(_ image: Bitmap, in box: Box) {
    let (xs, ys) = (columns(from: box.x, to: box.right), rows(from: box.y, to: box.bottom))
    guard box.width > 0, box.height > 0, !xs.isEmpty, !ys.isEmpty else { return }
    // Which of the image's columns a column of the sheet shows is the same in every row.
    let shown = xs.map { x in
      (
        x: x,
        column: Int(
          ((Double(x) + 0.5 - box.x) / box.width * Double(image.width)).rounded(.down))
      )
    }.filter { 0..<image.width ~= $0.column }
    guard let left = shown.first?.x, let right = shown.last?.x else { return }
    var rowAbove: Int?
    for y in ys {
      let row = Int(((Double(y) + 0.5 - box.y) / box.height * Double(image.height)).rounded(.down))
      guard 0..<image.height ~= row else { continue }
      if row == rowAbove {
        bitmap.copyRowAbove(to: y, columns: left...right)
      } else {
        for (x, column) in shown { bitmap[x, y] = image[column, row] }
      }
      rowAbove = row
    }
  }

  /// Lines with round ends, drawn as one: where they cross or join they do not darken each other.
  private mutating func stroke(_ lines: [[Point]], _ color: RGB, width: Double) {
    let points = lines.joined()
    guard let first = points.first else { return }
    var (left, right, top, bottom) = (first.x, first.x, first.y, first.y)
    for point in points {
      (left, right) = (min(left, point.x), max(right, point.x))
      (top, bottom) = (min(top, point.y), max(bottom, point.y))
    }
    let reach = width / 2 + 1
    let xs = columns(from: left - reach, to: right + reach)
    let ys = rows(from: top - reach, to: bottom + reach)
    guard !xs.isEmpty, !ys.isEmpty else { return }

    var coverage = [Float](repeating: 0, count: xs.count * ys.count)
    coverage.withUnsafeMutableBufferPointer { coverage in
      for line in lines {
        for (index, start) in line.enumerated() where index + 1 < line.count || line.count == 1 {
          let segment = Segment(from: start, to: line.count == 1 ? start : line[index + 1])
          for y in rows(from: segment.top - reach, to: segment.bottom + reach) {
            let row = (y - ys.lowerBound) * xs.count - xs.lowerBound
            // Of a long slanting line only the stretch near this row matters.
            let near = segment.stretch(nearRow: Double(y) + 0.5, reach: reach)
            for x in columns(from: near.lowerBound - reach, to: near.upperBound + reach) {
              let distance = segment.squaredDistance(from: Point(Double(x) + 0.5, Double(y) + 0.5))
              guard distance < reach * reach else { continue }
              let part = Self.coverage(at: distance.squareRoot(), width: width)
              if part > coverage[row + x] { coverage[row + x] = part }
            }
          }
        }
      }
      for y in ys {
        let row = (y - ys.lowerBound) * xs.count - xs.lowerBound
        for x in xs where coverage[row + x] > 0 {
          blend(color, x, y, coverage: Double(coverage[row + x]))
        }
      }
    }
  }

  /// How much of a pixel lies under a line whose middle passes at a distance; a line thinner than a
  /// pixel is paler rather than thinner.
  private static func coverage(at distance: Double, width: Double) -> Float {
    let pen = max(width, 1)
    return Float((pen / 2 + 0.5 - distance).clamped(to: 0...1) * min(width, 1))
  }

  private func columns(from left: Double, to right: Double) -> Range<Int> {
    Self.pixels(from: left, to: right, limit: bitmap.width)
  }

  private func rows(from top: Double, to bottom: Double) -> Range<Int> {
    Self.pixels(from: top, to: bottom, limit: bitmap.height)
  }

  /// The pixels of the sheet that a span touches.
  private static func pixels(from start: Double, to end: Double, limit: Int) -> Range<Int> {
    let sheet = 0...Double(limit)
    let first = Int(start.rounded(.down).clamped(to: sheet))
    return first..<max(first, Int(end.rounded(.up).clamped(to: sheet)))
  }

  private mutating func blend(_ color: RGB, _ x: Int, _ y: Int, coverage: Double) {
    bitmap[x, y] = coverage >= 1 ? color : bitmap[x, y].mixed(with: color, fraction: coverage)
  }
}

/// A straight piece of a line; or a point, where both ends are one.
private struct Segment {
  private let start: Point
  private let end: Point
  private let (dx, dy): (Double, Double)
  private let squaredLength: Double

  init(from start: Point, to end: Point) {
    (self.start, self.end) = (start, end)
    (dx, dy) = (end.x - start.x, end.y - start.y)
    squaredLength = dx * dx + dy * dy
  }

  var top: Double { min(start.y, end.y) }
  var bottom: Double { max(start.y, end.y) }

  /// From where to where, along x, it runs within reach of a row.
  func stretch(nearRow y: Double, reach: Double) -> ClosedRange<Double> {
    guard abs(dy) > 1e-9 else { return min(start.x, end.x)...max(start.x, end.x) }
    let (one, other) = ((y - reach - start.y) / dy, (y + reach - start.y) / dy)
    let x1 = start.x + one.clamped(to: 0...1) * dx
    let x2 = start.x + other.clamped(to: 0...1) * dx
    return min(x1, x2)...max(x1, x2)
  }

  func squaredDistance(from point: Point) -> Double {
    let (px, py) = (point.x - start.x, point.y - start.y)
    let along =
      squaredLength > 0 ? ((px * dx + py * dy) / squaredLength).clamped(to: 0...1) : 0
    let (x, y) = (px - along * dx, py - along * dy)
    return x * x + y * y
  }
}

extension Drawing {
  /// The drawing as pixels.
  ///
  /// - Parameter scale: The pixels to a point; 2 is sharp on today's screens.
  /// - Returns: A bitmap of `width · scale` by `height · scale` pixels, rounded up.
  /// - Throws: ``PictureError`` when that would be none, or more than 100 million.
  public func bitmap(scale: Double = 2) throws(PictureError) -> Bitmap {
    let (wide, tall) = ((width * scale).rounded(.up), (height * scale).rounded(.up))
    guard wide >= 1, tall >= 1, wide * tall <= 1e8 else {
      throw PictureError(
        "\(title): a picture of \(shortNumber(wide))×\(shortNumber(tall)) pixels cannot be drawn; "
          + "it must have between 1 and 100 million, so show fewer images or use another scale")
    }
    var canvas = Canvas(
      width: Int(wide), height: Int(tall), scale: scale, background: background)
    for mark in marks { canvas.draw(mark) }
    return canvas.bitmap
  }
}
