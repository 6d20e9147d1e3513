import LineByLine

/// The largest things that are computed with here: small enough to look at every number.
enum Limits {
  /// Rows and columns of a matrix.
  static let sides = 1...8
  /// Channels of a volume, and kernels.
  static let depths = 1...4
  /// Steps of a trace in one answer.
  static let steps = 0...512
  /// Steps of a trace where nobody says how many.
  static let usualSteps = 64
}

extension JSONField {
  /// A list of numbers.
  func numbers(
    _ counts: ClosedRange<Int>, in range: ClosedRange<Double> = -1e6...1e6
  ) throws -> [Double] {
    try list(counts, of: "numbers").map { try $0.number(in: range) }
  }

  /// A matrix: a list of rows of one length.
  func matrix(sides: ClosedRange<Int> = Limits.sides) throws -> Matrix {
    let rows = try list(sides, of: "rows")
    var numbers: [[Double]] = []
    for row in rows {
      numbers.append(try row.numbers(sides))
      guard let width = numbers.first?.count, numbers.last?.count == width else {
        throw row.unexpected(
          "\(counted(numbers[0].count, "numbers")), as in \(rows[0].path)",
          found: "\(numbers.last?.count ?? 0)", remedy: "give all rows the same length")
      }
    }
    return Matrix(numbers)
  }

  /// A volume: a list of matrices of one size.
  func volume() throws -> Volume {
    Volume(try matrices(Limits.depths, of: "channels"))
  }

  /// Kernels: a list of volumes of one shape, by output and input channel.
  func kernels() throws -> Kernels {
    let outputs = try list(Limits.depths, of: "kernels")
    var kernels: [[Matrix]] = []
    for output in outputs {
      let channels = try output.matrices(Limits.depths, of: "channels")
      if let first = kernels.first {
        guard channels.count == first.count else {
          throw output.unexpected(
            "\(counted(first.count, "channels")), as in \(outputs[0].path)",
            found: "\(channels.count)",
            remedy: "give all kernels the same number of channels")
        }
        guard size(channels[0]) == size(first[0]) else {
          throw output.unexpected(
            "channels of \(size(first[0])), as in \(outputs[0].path)", found: size(channels[0]),
            remedy: "give all kernels the same size")
        }
      }
      kernels.append(channels)
    }
    return Kernels(kernels)
  }

  /// Matrices of one size.
  private func matrices(_ counts: ClosedRange<Int>, of what: String) throws -> [Matrix] {
    let fields = try list(counts, of: what)
    let matrices = try fields.map { try $0.matrix() }
    for (field, matrix) in zip(fields, matrices) where size(matrix) != size(matrices[0]) {
      throw field.unexpected(
        "\(size(matrices[0])), as in \(fields[0].path)", found: size(matrix),
        remedy: "give all \(what) the same size")
    }
    return matrices
  }

  /// A shape: `{"depth", "height", "width"}`.
  func shape(
    depths: ClosedRange<Int> = Limits.depths, sides: ClosedRange<Int> = Limits.sides
  ) throws -> VolumeShape {
    let fields = try object(["depth", "height", "width"])
    return VolumeShape(
      depth: try fields["depth"].integer(in: depths),
      height: try fields["height"].integer(in: sides),
      width: try fields["width"].integer(in: sides))
  }

  /// A position within a matrix of so many rows and columns: `{"row", "column"}`.
  func position(rows: Int, columns: Int) throws -> Position {
    let fields = try object(["row", "column"])
    return Position(
      row: try fields["row"].integer(in: 0...rows - 1),
      column: try fields["column"].integer(in: 0...columns - 1))
  }
}

/// A row and a column, from 0; negative for what stands before the first.
struct Position: Hashable, Encodable, Sendable {
  let row, column: Int
}

/// The rows and columns of a matrix, as errors write them.
func size(_ matrix: Matrix) -> String { "\(matrix.rows)×\(matrix.columns)" }

// MARK: - Numbers out

extension Matrix {
  /// The rows, as JSON has them.
  var nested: [[Double]] {
    (0..<rows).map { row in (0..<columns).map { self[row, $0] } }
  }
}

extension Volume {
  /// The channels, as JSON has them.
  var nested: [[[Double]]] { matrices.map(\.nested) }
}

extension Kernels {
  /// The kernels, as JSON has them.
  var nested: [[[[Double]]]] {
    (0..<depth).map { j in (0..<inputDepth).map { self[j, $0].nested } }
  }
}

/// A shape, as JSON has it.
struct ShapeAnswer: Encodable {
  let depth, height, width: Int

  init(_ shape: VolumeShape) {
    (depth, height, width) = (shape.depth, shape.height, shape.width)
  }
}
