/// Dots on a fine grid, two across and four down to a character (Unicode's Braille patterns).
struct DotGrid {
  /// The characters in a line.
  let columns: Int
  /// The lines.
  let rows: Int
  private let width: Int
  private let height: Int
  private var patterns: [UInt32]

  /// A grid that holds so many dots, none of them set.
  init(width: Int, height: Int) {
    (self.width, self.height) = (width, height)
    columns = (width + 1) / 2
    rows = (height + 3) / 4
    patterns = [UInt32](repeating: 0, count: columns * rows)
  }

  /// Sets a dot; one beyond the grid is left out.
  mutating func set(_ x: Int, _ y: Int) {
    guard 0..<width ~= x, 0..<height ~= y else { return }
    // The first six dots count down the columns; the bottom row was added to the alphabet later.
    let bits: [[UInt32]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]
    patterns[y / 4 * columns + x / 2] |= bits[x % 2][y % 4]
  }

  /// Sets the dots of a straight line.
  mutating func line(from start: (x: Int, y: Int), to end: (x: Int, y: Int)) {
    let steps = max(abs(end.x - start.x), abs(end.y - start.y), 1)
    for step in 0...steps {
      let t = Double(step) / Double(steps)
      set(
        start.x + Int((Double(end.x - start.x) * t).rounded()),
        start.y + Int((Double(end.y - start.y) * t).rounded()))
    }
  }

  /// Whether any dot of a character is set.
  func isSet(column: Int, row: Int) -> Bool {
    patterns[row * columns + column] != 0
  }

  /// Sets the dots of another grid of the same size too.
  mutating func formUnion(_ other: DotGrid) {
    for (index, pattern) in other.patterns.enumerated() { patterns[index] |= pattern }
  }

  /// The character at a place; a space where no dot is set.
  func character(column: Int, row: Int) -> Character {
    let pattern = patterns[row * columns + column]
    guard pattern != 0, let scalar = Unicode.Scalar(0x2800 + pattern) else { return " " }
    return Character(scalar)
  }
}
