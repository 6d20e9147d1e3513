public import Starling

/// Small pictures made of characters, for a terminal that can show them.
///
/// Each function returns lines of text, the last one ended too, and prints nothing itself.
public enum TerminalPreview {
  /// Images side by side, in as many rows as they need, each above its caption.
  ///
  /// With colour a character shows two pixels, one above the other; without, eight dots, set where
  /// the image is lighter than half. Images wider than 28 pixels are drawn smaller.
  ///
  /// - Parameters:
  ///   - images: Images `[1, height, width]` or `[3, height, width]`, numbers from 0 to 1.
  ///   - captions: What stands below each; empty for nothing. Longer than its image, it is cut.
  ///   - columns: The terminal's width in characters.
  ///   - capability: What the terminal can show.
  /// - Returns: The lines; empty where there is no image.
  /// - Throws: ``PictureError`` when an image is neither grey nor RGB, or captions are missing.
  public static func images(
    _ images: [Tensor], captions: [String] = [], columns: Int = 80,
    capability: TerminalCapability
  ) throws(PictureError) -> String {
    guard captions.isEmpty || captions.count == images.count else {
      throw PictureError(
        "preview: expected a caption for each of the \(counted(images.count, "image")), "
          + "got \(captions.count); give each image one, or none any")
    }
    var tiles: [Tile] = []
    for (index, image) in images.enumerated() {
      let bitmap = try Bitmap(image: image).shrunk(toWidth: 28)
      tiles.append(
        Tile(
          bitmap, caption: captions.isEmpty ? nil : captions[index], capability: capability))
    }
    let gap = 2
    let widest = tiles.map(\.width).max() ?? 1
    let perRow = max(1, (columns + gap) / (widest + gap))
    var lines: [String] = []
    for start in stride(from: 0, to: tiles.count, by: perRow) {
      let row = tiles[start..<min(start + perRow, tiles.count)]
      for line in 0..<(row.map(\.lines.count).max() ?? 0) {
        let cells = row.map { tile in
          line < tile.lines.count
            ? tile.lines[line] + String(repeating: " ", count: widest - tile.width)
            : String(repeating: " ", count: widest)
        }
        lines.append(trimmed(cells.joined(separator: String(repeating: " ", count: gap))))
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// The error after each epoch as a line of dots, four to a character's height.
  ///
  /// As in ``Drawing/errorCurve(title:training:test:)`` the axis is logarithmic where the errors span
  /// more than two decades; what is no number leaves a gap.
  ///
  /// - Parameters:
  ///   - training: The training error of each epoch.
  ///   - test: The test error of each epoch, `nil` where it was not measured; empty where it never was.
  ///   - columns: The width in characters, axis and names included.
  ///   - rows: The height of the curve in characters.
  ///   - capability: What the terminal can show.
  /// - Returns: The lines.
  /// - Throws: ``PictureError`` when there is no epoch, the two have not as many, or there is no room.
  public static func errorCurve(
    training: [Double], test: [Double?] = [], columns: Int = 72, rows: Int = 8,
    capability: TerminalCapability
  ) throws(PictureError) -> String {
    let history = try ErrorHistory(title: "preview", training: training, test: test)
    guard columns >= 40, rows >= 3 else {
      throw PictureError(
        "preview: a curve needs 40 columns and 3 rows, got \(columns) and \(rows); "
          + "make the terminal wider, or go without")
    }
    return TerminalCurve(history: history, columns: columns, rows: rows, capability: capability)
      .lines.map { trimmed($0) + "\n" }.joined()
  }

  /// A line without the spaces at its end.
  private static func trimmed(_ line: String) -> String {
    var line = line
    while line.last == " " { line.removeLast() }
    return line
  }
}

/// One image as characters, its caption below it.
private struct Tile {
  let width: Int
  let lines: [String]

  init(_ bitmap: Bitmap, caption: String?, capability: TerminalCapability) {
    var lines: [String] = []
    switch capability {
    case .plain:
      var dots = DotGrid(width: bitmap.width, height: bitmap.height)
      for y in 0..<bitmap.height {
        for x in 0..<bitmap.width where bitmap[x, y].lightness > 0.5 { dots.set(x, y) }
      }
      width = dots.columns
      lines = (0..<dots.rows).map { row in
        String((0..<dots.columns).map { dots.character(column: $0, row: row) })
      }
    case .trueColor, .palette:
      width = bitmap.width
      var pen = TerminalPen(capability)
      for y in stride(from: 0, to: bitmap.height, by: 2) {
        var line = ""
        for x in 0..<bitmap.width {
          // The upper half is drawn, the lower is its ground; a last odd row has no ground.
          let ground = y + 1 < bitmap.height ? bitmap[x, y + 1] : nil
          line += pen.draw("▀", bitmap[x, y], on: ground)
        }
        lines.append(line + pen.lift())
      }
    }
    if let caption {
      let text = caption.count > width ? String(caption.prefix(max(width - 1, 0))) + "…" : caption
      lines.append(text + String(repeating: " ", count: width - text.count))
    }
    self.lines = lines
  }
}

extension Bitmap {
  /// Every so many-th pixel, so that a row has at most `limit`.
  fileprivate func shrunk(toWidth limit: Int) -> Bitmap {
    let step = (width + limit - 1) / limit
    guard step > 1 else { return self }
    var small = Bitmap(
      width: (width + step - 1) / step, height: (height + step - 1) / step, color: RGB(0))
    for y in 0..<small.height {
      for x in 0..<small.width { small[x, y] = self[x * step, y * step] }
    }
    return small
  }
}
