/// A picture before it is a file: a sheet of a given size and what lies on it, from back to front.
///
/// Lengths are in points, y grows downwards. One drawing is written as SVG or as PNG:
///
///     let chart = try Drawing.errorCurve(training: errors)
///     try chart.write(to: folder.appendingPathComponent("error.svg"))
///     try chart.write(to: folder.appendingPathComponent("error.png"))
public struct Drawing: Hashable, Sendable {
  /// What the picture shows, for those who cannot see it; SVG files carry it.
  public let title: String
  /// The sheet's width.
  public let width: Double
  /// The sheet's height.
  public let height: Double
  /// The sheet's colour.
  public let background: RGB
  /// What lies on the sheet, from back to front.
  public private(set) var marks: [Mark] = []

  /// An empty sheet.
  public init(title: String, width: Double, height: Double, background: RGB = RGB(0xFFFFFF)) {
    self.title = title
    self.width = width
    self.height = height
    self.background = background
  }

  /// Lays one more mark on top of the others.
  public mutating func add(_ mark: Mark) {
    marks.append(mark)
  }
}

/// A place on a sheet.
public struct Point: Hashable, Sendable {
  /// The distance from the left edge.
  public var x: Double
  /// The distance from the top edge.
  public var y: Double

  /// A place at the given distances from the left and the top edge.
  public init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }
}

/// An upright rectangle on a sheet.
public struct Box: Hashable, Sendable {
  /// The left edge.
  public var x: Double
  /// The top edge.
  public var y: Double
  /// The distance from the left edge to the right.
  public var width: Double
  /// The distance from the top edge to the bottom.
  public var height: Double

  /// A rectangle with the given left and top edges and lengths.
  public init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// The right edge.
  public var right: Double { x + width }
  /// The bottom edge.
  public var bottom: Double { y + height }
  /// The point in the middle.
  public var center: Point { Point(x + width / 2, y + height / 2) }

  /// The rectangle with every edge moved inwards.
  func inset(by distance: Double) -> Box {
    Box(
      x: x + distance, y: y + distance, width: width - 2 * distance, height: height - 2 * distance)
  }

  /// The four corners and the first again.
  var corners: [Point] {
    [Point(x, y), Point(right, y), Point(right, bottom), Point(x, bottom), Point(x, y)]
  }
}

/// One thing on a sheet.
public enum Mark: Hashable, Sendable {
  /// A rectangle filled with a colour.
  case rectangle(Box, fill: RGB)
  /// A line through points, with round ends and corners.
  case polyline([Point], color: RGB, width: Double)
  /// A filled circle.
  case circle(center: Point, radius: Double, fill: RGB)
  /// A line of text.
  case text(Text)
  /// A bitmap stretched over a box, each pixel a sharp rectangle.
  case image(Bitmap, Box)
}

/// A line of text on a sheet.
public struct Text: Hashable, Sendable {
  /// Which part of the text stands at its position.
  public enum Anchor: String, Hashable, Sendable {
    /// The text begins at its position.
    case start
    /// The text is centred on its position.
    case middle
    /// The text ends at its position.
    case end
  }

  /// How heavy the strokes are.
  public enum Weight: Hashable, Sendable {
    /// For reading.
    case regular
    /// For titles and names.
    case semibold
  }

  /// What is written.
  public var string: String
  /// Where the anchor stands on the baseline.
  public var position: Point
  /// The height of the font in points.
  public var size: Double
  /// The colour of the strokes.
  public var color: RGB
  /// Which part of the text stands at its position.
  public var anchor: Anchor
  /// How heavy the strokes are.
  public var weight: Weight

  /// A line of text.
  public init(
    _ string: String, at position: Point, size: Double, color: RGB, anchor: Anchor = .start,
    weight: Weight = .regular
  ) {
    self.string = string
    self.position = position
    self.size = size
    self.color = color
    self.anchor = anchor
    self.weight = weight
  }
}
