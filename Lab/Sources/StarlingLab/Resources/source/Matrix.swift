/// A rectangle of numbers, in rows and columns.
///
/// One channel of an input, one channel of a kernel, one feature map: each is a matrix. A column
/// of n numbers is a matrix of n rows and one column.
///
///     let X: Matrix = [[1, 6, 2], [5, 3, 1], [7, 0, 4]]
///     X[2, 0]                                         // 7: the third row, the first column
public struct Matrix: Hashable, Sendable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The numbers, row after row.
  public private(set) var values: [Double]

  /// A matrix with the same number everywhere.
  public init(rows: Int, columns: Int, repeating value: Double = 0) {
    self.init(
      rows: rows, columns: columns, values: Array(repeating: value, count: rows * columns))
  }

  /// A matrix of the given numbers, which come row after row.
  public init(rows: Int, columns: Int, values: [Double]) {
    precondition(rows > 0 && columns > 0, "a matrix has at least one row and one column")
    precondition(
      values.count == rows * columns,
      "a \(rows)×\(columns) matrix takes \(rows * columns) numbers, not \(values.count)")
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// A matrix of the given rows, all of one length.
  public init(_ rows: [[Double]]) {
    let columns = rows.first?.count ?? 0
    precondition(
      rows.allSatisfy { $0.count == columns }, "the rows of a matrix all have the same length")
    self.init(rows: rows.count, columns: columns, values: rows.flatMap { $0 })
  }

  /// The number in a row and a column, both counted from 0.
  public subscript(row: Int, column: Int) -> Double {
    get { values[index(row, column)] }
    set { values[index(row, column)] = newValue }
  }

  private func index(_ row: Int, _ column: Int) -> Int {
    precondition(
      row >= 0 && row < rows && column >= 0 && column < columns,
      "[\(row), \(column)] lies outside a matrix of \(rows)×\(columns)")
    return row * columns + column
  }
}

extension Matrix: ExpressibleByArrayLiteral {
  /// A matrix written as a list of its rows.
  public init(arrayLiteral rows: [Double]...) {
    self.init(rows)
  }
}

extension Matrix: CustomStringConvertible {
  /// The rows between brackets, such as `[[8, 7], [4, 5]]`.
  public var description: String {
    let lines = (0..<rows).map { r in
      "[" + (0..<columns).map { c in text(self[r, c]) }.joined(separator: ", ") + "]"
    }
    return "[" + lines.joined(separator: ", ") + "]"
  }
}

/// A number without the `.0` that Swift gives to whole ones.
func text(_ number: Double) -> String {
  let digits = "\(number)"
  return digits.hasSuffix(".0") ? String(digits.dropLast(2)) : digits
}
