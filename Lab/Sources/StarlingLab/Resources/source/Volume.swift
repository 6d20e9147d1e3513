/// The sizes of a volume: how many matrices, and how large each of them is.
///
///     let digit: VolumeShape = [1, 28, 28]
public struct VolumeShape: Hashable, Sendable {
  /// The number of channels, or feature maps.
  public let depth: Int
  /// The number of rows of each.
  public let height: Int
  /// The number of columns of each.
  public let width: Int

  /// A shape of the given sizes.
  public init(depth: Int, height: Int, width: Int) {
    self.depth = depth
    self.height = height
    self.width = width
  }

  /// How many numbers there are in all.
  public var count: Int { depth * height * width }

  /// The three sizes, as they are written.
  var sizes: [Int] { [depth, height, width] }
}

extension VolumeShape: ExpressibleByArrayLiteral, CustomStringConvertible {
  /// A shape written `[depth, height, width]`.
  public init(arrayLiteral sizes: Int...) {
    precondition(sizes.count == 3, "a volume has three sizes: depth, height and width")
    self.init(depth: sizes[0], height: sizes[1], width: sizes[2])
  }

  /// The sizes, such as `5×26×26`.
  public var description: String { "\(depth)×\(height)×\(width)" }
}

/// A stack of matrices of one size: the three-dimensional data that a layer takes and gives.
///
/// `X[i]` is the i-th channel of the input, `Y[j]` the j-th output feature map. The column that a
/// dense layer takes is a volume too: one matrix of n rows and one column.
public struct Volume: Hashable, Sendable {
  /// The matrices, the first channel first.
  public private(set) var matrices: [Matrix]

  /// A volume of the given matrices, all of one size.
  public init(_ matrices: [Matrix]) {
    precondition(!matrices.isEmpty, "a volume has at least one matrix")
    precondition(
      matrices.allSatisfy { $0.rows == matrices[0].rows && $0.columns == matrices[0].columns },
      "the matrices of a volume all have the same size")
    self.matrices = matrices
  }

  /// A volume with the same number everywhere.
  public init(shape: VolumeShape, repeating value: Double = 0) {
    let matrix = Matrix(rows: shape.height, columns: shape.width, repeating: value)
    self.init(Array(repeating: matrix, count: shape.depth))
  }

  /// A volume of the given numbers: channel after channel, and in a channel row after row.
  public init(shape: VolumeShape, values: [Double]) {
    precondition(
      values.count == shape.count,
      "a volume of \(shape) takes \(shape.count) numbers, not \(values.count)")
    let size = shape.height * shape.width
    self.init(
      (0..<shape.depth).map { i in
        let channel = Array(values[i * size..<(i + 1) * size])
        return Matrix(rows: shape.height, columns: shape.width, values: channel)
      })
  }

  /// A column of numbers, as a dense layer takes and gives it.
  public init(column values: [Double]) {
    self.init([Matrix(rows: values.count, columns: 1, values: values)])
  }

  /// The sizes.
  public var shape: VolumeShape {
    VolumeShape(depth: matrices.count, height: matrices[0].rows, width: matrices[0].columns)
  }

  /// All the numbers: channel after channel, and in a channel row after row.
  public var values: [Double] { matrices.flatMap(\.values) }

  /// The matrix of a channel.
  public subscript(channel: Int) -> Matrix {
    get { matrices[channel] }
    set {
      precondition(
        newValue.rows == matrices[channel].rows && newValue.columns == matrices[channel].columns,
        "the matrices of a volume all have the same size")
      matrices[channel] = newValue
    }
  }

  /// The sum of each matrix, in a matrix of its own of 1×1.
  public var sums: Volume {
    Volume(matrices.map { [[$0.sum]] })
  }

  /// The function's value for each number.
  public func map(_ function: (Double) -> Double) -> Volume {
    Volume(matrices.map { $0.map(function) })
  }
}

extension Volume {
  /// Takes each number of B from its counterpart in A.
  public static func -= (A: inout Volume, B: Volume) {
    A = combine(A, B) { a, b in a - b }
  }

  /// The products of counterparts.
  public static func ⊙ (A: Volume, B: Volume) -> Volume {
    combine(A, B) { a, b in a ⊙ b }
  }

  /// Each number times the factor.
  public static func * (factor: Double, A: Volume) -> Volume {
    A.map { factor * $0 }
  }

  private static func combine(
    _ A: Volume, _ B: Volume, _ function: (Matrix, Matrix) -> Matrix
  ) -> Volume {
    precondition(A.shape == B.shape, "\(A.shape) and \(B.shape): the sizes have to agree")
    return Volume(zip(A.matrices, B.matrices).map { function($0, $1) })
  }
}
