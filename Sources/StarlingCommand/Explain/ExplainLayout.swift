import Foundation
import LineByLine

/// Lines of text side by side or below each other, within the width of a terminal.
enum Layout {
  static let width = 78

  /// A number in as few characters as five digits allow.
  static func number(_ value: Double) -> String {
    value == 0 ? "0" : String(format: "%.5g", value)
  }

  /// A number that was measured, with the digits that show how well.
  static func measured(_ value: Double) -> String {
    value.magnitude < 1000 ? fixed(value == 0 ? 0 : value, 5) : number(value)
  }

  /// A relative error, of which the size alone matters.
  static func error(_ value: Double) -> String {
    value == 0 ? "0" : String(format: "%.0e", value)
  }

  /// A matrix with its name before the first row.
  static func block(
    _ name: String, _ matrix: Matrix, format: (Double) -> String = number
  ) -> [String] {
    let cells = (0..<matrix.rows).map { r in (0..<matrix.columns).map { format(matrix[r, $0]) } }
    let widths = (0..<matrix.columns).map { c in cells.map { $0[c].count }.max() ?? 0 }
    return cells.enumerated().map { r, row in
      let numbers = zip(row, widths).map { right($0, $1) }.joined(separator: "  ")
      return left(r == 0 ? name : "", name.count) + "  " + numbers
    }
  }

  /// Blocks from left to right, and below each other where the line is full.
  static func beside(_ blocks: [[String]]) -> [String] {
    var bands: [[[String]]] = []
    var filled = 0
    for block in blocks {
      let width = (block.map(\.count).max() ?? 0) + 4
      if bands.isEmpty || filled + width > Layout.width {
        bands.append([])
        filled = 0
      }
      bands[bands.count - 1].append(block)
      filled += width
    }
    return Array(bands.map(joined).joined(separator: [""]))
  }

  private static func joined(_ band: [[String]]) -> [String] {
    let height = band.map(\.count).max() ?? 0
    return (0..<height).map { row in
      let cells = band.map { block in
        let width = block.map(\.count).max() ?? 0
        return left(row < block.count ? block[row] : "", width)
      }
      return trimmed("  " + cells.joined(separator: "    "))
    }
  }

  /// Rows of cells in columns, each as wide as its widest cell.
  ///
  /// - Parameters:
  ///   - rows: Rows with equally many cells.
  ///   - leading: How many of the columns begin at their left edge; the others end at their right.
  /// - Returns: A line for each row.
  static func table(_ rows: [[String]], leading: Int) -> [String] {
    let widths = (rows.first ?? []).indices.map { c in rows.map { $0[c].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.indices.map { c in
        c < leading ? left(row[c], widths[c]) : right(row[c], widths[c])
      }
      return trimmed(cells.joined())
    }
  }

  private static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  private static func trimmed(_ line: String) -> String {
    String(line.reversed().drop { $0 == " " }.reversed())
  }
}
