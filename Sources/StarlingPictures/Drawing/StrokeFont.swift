import Foundation

/// The letters of PNG pictures: a plain pen that follows centre lines, so that pictures look the
/// same on every machine and need none of its fonts.
package enum StrokeFont {
  /// One letter: how far it moves the pen on, and the lines that it draws.
  struct Glyph {
    var advance: Double
    var lines: [[Point]] = []
  }

  /// The font's units in a size of one point: `size / unitsPerSize` is what a unit measures.
  private static let unitsPerSize = 22.0

  /// The pen's width for a size.
  static func penWidth(size: Double, weight: Text.Weight) -> Double {
    (weight == .regular ? 1.7 : 2.5) * size / unitsPerSize
  }

  /// How long a line of text is.
  package static func width(of string: String, size: Double, weight: Text.Weight = .regular)
    -> Double
  {
    glyphs(of: string).reduce(0) { $0 + $1.advance + extraAdvance(weight) } * size / unitsPerSize
  }

  /// The pen's path for a line of text, where it lies on the sheet.
  static func lines(of text: Text) -> [[Point]] {
    let unit = text.size / unitsPerSize
    let width = width(of: text.string, size: text.size, weight: text.weight)
    var x = text.position.x
    switch text.anchor {
    case .start: break
    case .middle: x -= width / 2
    case .end: x -= width
    }
    // Centre lines stand half a pen above the baseline, so that letters stand on it.
    let baseline = text.position.y - penWidth(size: text.size, weight: .regular) / 2
    var result: [[Point]] = []
    for glyph in glyphs(of: text.string) {
      for line in glyph.lines {
        result.append(line.map { Point(x + $0.x * unit, baseline - $0.y * unit) })
      }
      x += (glyph.advance + extraAdvance(text.weight)) * unit
    }
    return result
  }

  /// A heavier pen needs a little more room.
  private static func extraAdvance(_ weight: Text.Weight) -> Double {
    weight == .regular ? 0 : 0.7
  }

  /// The letters of a text: those of the table, without accents where only the plain letter is
  /// there, and an empty box for any other.
  private static func glyphs(of string: String) -> [Glyph] {
    string.map { character in
      if let glyph = table[character] { return glyph }
      let plain = String(character).folding(options: .diacriticInsensitive, locale: nil)
      return plain.first.flatMap { table[$0] } ?? missing
    }
  }

  private static let missing = glyph(advance: 12.4, path: "M2.2 0 L2.2 14 L10.2 14 L10.2 0 L2.2 0")

  /// The characters that the font can draw.
  package static var characters: Set<Character> { Set(table.keys) }

  /// The parsed table: a line for each letter, and lines that begin with a space continue the one above.
  private static let table: [Character: Glyph] = {
    var table: [Character: Glyph] = [" ": Glyph(advance: 6)]
    let entries = strokeFontTable.replacingOccurrences(of: "\n  ", with: " ")
    for entry in entries.split(separator: "\n") {
      let parts = entry.dropFirst().split(separator: " ", maxSplits: 1)
      guard let letter = entry.first, parts.count == 2, let advance = Double(parts[0]) else {
        continue
      }
      table[letter] = glyph(advance: advance, path: parts[1])
    }
    return table
  }()

  /// Reads a path of the table.
  private static func glyph(advance: Double, path: some StringProtocol) -> Glyph {
    var glyph = Glyph(advance: advance)
    var line: [Point] = []
    var command: Character = "M"
    var numbers: [Double] = []
    for word in path.split(separator: " ") {
      if let letter = word.first, letter.isLetter {
        command = letter
        numbers = []
      }
      numbers.append(Double(word.first?.isLetter == true ? word.dropFirst() : word[...]) ?? 0)
      guard numbers.count == (command == "C" ? 6 : 2) else { continue }
      let end = Point(numbers[numbers.count - 2], numbers[numbers.count - 1])
      if command == "M" {
        if !line.isEmpty { glyph.lines.append(line) }
        line = [end]
      } else if let start = line.last {
        line += curve(command, from: start, to: end, controls: numbers)
      }
      numbers = []
    }
    if !line.isEmpty { glyph.lines.append(line) }
    return glyph
  }

  /// The points of one step of the pen: a straight line, a cubic curve, or a quarter of an oval that
  /// sets off horizontally (`h`) or vertically (`v`).
  private static func curve(
    _ command: Character, from start: Point, to end: Point, controls: [Double]
  ) -> [Point] {
    // A circle's quarter has 0.552; a little more makes the bowls squarer and the letters wider open.
    let roundness = 0.58
    let first: Point
    let second: Point
    switch command {
    case "h":
      first = Point(start.x + (end.x - start.x) * roundness, start.y)
      second = Point(end.x, end.y - (end.y - start.y) * roundness)
    case "v":
      first = Point(start.x, start.y + (end.y - start.y) * roundness)
      second = Point(end.x - (end.x - start.x) * roundness, end.y)
    case "C":
      first = Point(controls[0], controls[1])
      second = Point(controls[2], controls[3])
    default:
      return [end]
    }
    let steps = 10
    return (1...steps).map { step in
      let t = Double(step) / Double(steps)
      func bezier(_ a: Double, _ b: Double, _ c: Double, _ d: Double) -> Double {
        let u = 1 - t
        return u * u * u * a + 3 * u * u * t * b + 3 * u * t * t * c + t * t * t * d
      }
      return Point(
        bezier(start.x, first.x, second.x, end.x), bezier(start.y, first.y, second.y, end.y))
    }
  }
}
