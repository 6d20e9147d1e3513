/// An error curve as lines of dots, with its axis to the left and its names to the right.
struct TerminalCurve {
  /// The lines from top to bottom.
  let lines: [String]

  init(history: ErrorHistory, columns: Int, rows: Int, capability: TerminalCapability) {
    let up = Axis(amounts: history.series.flatMap { $0.errors.compactMap(\.self) })
    let across = Axis(wholeFrom: 1, to: history.epochs.upperBound)
    let (top, bottom) = (shortNumber(up.upper), shortNumber(up.lower))
    let labelWidth = max(top.count, bottom.count)
    let names = history.series.map(Self.name)
    // The axis label, a space, the axis, the curve, a space, the name.
    let width = columns - labelWidth - 3 - (names.map(\.count).max() ?? 0)

    var grids: [DotGrid] = []
    var ends: [Int] = []
    for series in history.series {
      var grid = DotGrid(width: width * 2, height: rows * 4)
      var last: (x: Int, y: Int)?
      var end = rows - 1
      for (epoch, error) in zip(history.epochs, series.errors) {
        guard let error else { continue }
        guard error.isFinite else {
          last = nil
          continue
        }
        let here = (
          x: Int((across.position(of: Double(epoch)) * Double(width * 2 - 1)).rounded()),
          y: Int(
            ((1 - up.position(of: error).clamped(to: 0...1)) * Double(rows * 4 - 1)).rounded())
        )
        grid.line(from: last ?? here, to: here)
        last = here
        end = here.y / 4
      }
      grids.append(grid)
      ends.append(end)
    }
    // Two names on one line would cover each other.
    if ends.count == 2, ends[0] == ends[1] {
      ends[1] += ends[1] > 0 ? -1 : 1
    }

    var union = grids[0]
    for grid in grids.dropFirst() { union.formUnion(grid) }
    var lines: [String] = []
    var pen = TerminalPen(capability)
    for row in 0..<rows {
      let label = row == 0 ? top : row == rows - 1 ? bottom : ""
      var line = String(repeating: " ", count: labelWidth - label.count) + label + " │"
      for column in 0..<width {
        // Where lines meet, their dots do, in the colour of the last.
        let owner = grids.lastIndex { $0.isSet(column: column, row: row) }
        let character = union.character(column: column, row: row)
        line += owner.map { pen.draw(character, history.series[$0].color) } ?? " "
      }
      for (index, end) in ends.enumerated() where end == row {
        line += " " + names[index].map { pen.draw($0, history.series[index].color) }.joined()
      }
      lines.append(line + pen.lift())
    }
    let indent = String(repeating: " ", count: labelWidth + 1)
    lines.append(indent + "└" + String(repeating: "─", count: width))
    let last = "epoch \(history.epochs.upperBound)"
    // A single epoch lies in the middle of its axis.
    let (first, space) =
      history.epochs.count > 1 ? ("1", width - 1 - last.count) : ("", (width - last.count) / 2)
    lines.append(indent + " " + first + String(repeating: " ", count: space) + last)
    self.lines = lines
  }

  /// A line's name and its last value.
  private static func name(_ series: ErrorHistory.Series) -> String {
    let last = series.errors.last { $0?.isFinite ?? false } ?? nil
    return last.map { "\(series.name) \(shortNumber($0, digits: 3))" } ?? series.name
  }
}
