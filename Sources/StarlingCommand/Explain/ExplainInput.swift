package import LineByLine

/// The numbers that `starling explain` explains: the reader's own, or the fixture.
package struct ExplainInput: Equatable {
  /// The input.
  package let X: Matrix
  /// The kernel.
  package let K: Matrix
  /// The gradient of the error with respect to the output.
  package let dY: Matrix
  /// The bias: one number, or one for each position of the output.
  package let B: Matrix

  /// The numbers of the options, where they are given.
  package init(
    x: String? = nil, k: String? = nil, dY: String? = nil, bias: String? = nil
  ) throws {
    let X =
      try x.map { try Self.matrix($0, option: "--x") } ?? [[1, 6, 2], [5, 3, 1], [7, 0, 4]]
    let K = try k.map { try Self.matrix($0, option: "--k") } ?? [[1, 2], [-1, 0]]
    guard K.rows <= X.rows, K.columns <= X.columns else {
      throw CommandError(
        "\(k == nil ? "the kernel" : "--k") is \(size(K)) and does not fit into "
          + "\(x == nil ? "the input" : "--x") of \(size(X)); give a kernel (--k) of at most "
          + "\(counted(X.rows, "row")) and \(counted(X.columns, "column"))")
    }
    let (rows, columns) = (X.rows - K.rows + 1, X.columns - K.columns + 1)
    let asked = "\(counted(rows, "row")) of \(counted(columns, "number"))"

    let isFixture = x == nil && k == nil
    let usual: Matrix =
      isFixture ? [[1, 0], [2, -1]] : Matrix(rows: rows, columns: columns, repeating: 1)
    let slopes = try dY.map { try Self.matrix($0, option: "--dy") } ?? usual
    guard slopes.rows == rows, slopes.columns == columns else {
      throw CommandError(
        "--dy is \(size(slopes)), but X ⋆ K is \(rows)×\(columns); give --dy \(asked)")
    }
    let B = try bias.map { try Self.matrix($0, option: "--bias") } ?? [[0]]
    guard (B.rows == rows && B.columns == columns) || (B.rows == 1 && B.columns == 1) else {
      throw CommandError(
        "--bias is \(size(B)), but X ⋆ K is \(rows)×\(columns); give --bias one number, or \(asked)"
      )
    }
    (self.X, self.K, self.dY, self.B) = (X, K, slopes, B)
  }

  /// Larger matrices and longer numbers would not fit into the lines of a terminal.
  private static let limit = (size: 6, number: 9999.0)

  /// Rows between semicolons, numbers between spaces.
  private static func matrix(_ text: String, option: String) throws -> Matrix {
    let example = "write it as \(option) \"1 2; -1 0\""
    var rows: [[Double]] = []
    for (index, line) in text.split(separator: ";", omittingEmptySubsequences: false).enumerated() {
      let place = "\(option), row \(index + 1)"
      let words = line.split(whereSeparator: \.isWhitespace)
      guard !words.isEmpty else { throw CommandError("\(place): there is no number; \(example)") }
      let row = try words.map { try number($0, place: place, example: example) }
      if let first = rows.first, row.count != first.count {
        throw CommandError(
          "\(place): there \(row.count == 1 ? "is" : "are") \(counted(row.count, "number")), but "
            + "row 1 has \(first.count); give all rows the same length")
      }
      rows.append(row)
    }
    let matrix = Matrix(rows)
    guard matrix.rows <= limit.size, matrix.columns <= limit.size else {
      throw CommandError(
        "\(option) is \(size(matrix)), and every product is printed; give at most "
          + "\(limit.size) rows of \(limit.size) numbers, such as a corner of it")
    }
    return matrix
  }

  private static func number(
    _ word: Substring, place: String, example: String
  ) throws -> Double {
    // The minus sign of printed formulas is taken for what it means.
    guard let number = Double(word.replacing("−", with: "-")) else {
      throw CommandError("\(place): \"\(word)\" is not a number; \(example)")
    }
    guard number.isFinite else {
      throw CommandError("\(place): \(word) is not finite; give numbers up to 9999")
    }
    guard number.magnitude <= limit.number else {
      throw CommandError("\(place): \(word) is too long a number to read; give numbers up to 9999")
    }
    return number
  }
}

private func size(_ matrix: Matrix) -> String { "\(matrix.rows)×\(matrix.columns)" }

private func counted(_ count: Int, _ noun: String) -> String {
  "\(count) \(noun)\(count == 1 ? "" : "s")"
}
