/// The kernels of a layer: a matrix K_ji for each output j and each input channel i.
///
/// The j-th kernel has as many channels as the input, and `K[j, i]` is its i-th one. So a layer's
/// kernels have four sizes: depth, input depth, rows and columns.
public struct Kernels: Hashable, Sendable {
  /// The number of kernels, which is the depth of the output.
  public let depth: Int
  /// The number of channels of each kernel, which is the depth of the input.
  public let inputDepth: Int
  /// All channels of the first kernel, then all channels of the second, and so on.
  public private(set) var matrices: [Matrix]

  /// The kernels of the given rows: one row of matrices an output, one matrix an input channel.
  public init(_ kernels: [[Matrix]]) {
    let first = kernels.first?.first
    precondition(first != nil, "there is at least one kernel, with at least one channel")
    precondition(
      kernels.allSatisfy { kernel in
        kernel.count == kernels[0].count
          && kernel.allSatisfy { $0.rows == first?.rows && $0.columns == first?.columns }
      }, "kernels all have the same number of channels, and their channels the same size")
    depth = kernels.count
    inputDepth = kernels[0].count
    matrices = kernels.flatMap { $0 }
  }

  /// Kernels with the same number everywhere.
  public init(depth: Int, inputDepth: Int, rows: Int, columns: Int, repeating value: Double = 0) {
    let channel = Matrix(rows: rows, columns: columns, repeating: value)
    self.init(Array(repeating: Array(repeating: channel, count: inputDepth), count: depth))
  }

  /// The number of rows of each channel.
  public var rows: Int { matrices[0].rows }
  /// The number of columns of each channel.
  public var columns: Int { matrices[0].columns }

  /// K_ji: the i-th channel of the j-th kernel.
  public subscript(j: Int, i: Int) -> Matrix {
    get { matrices[index(j, i)] }
    set {
      precondition(
        newValue.rows == rows && newValue.columns == columns,
        "the channel is \(rows)×\(columns), not \(newValue.rows)×\(newValue.columns)")
      matrices[index(j, i)] = newValue
    }
  }

  /// Kernels of the same sizes, all numbers 0.
  public var zeros: Kernels {
    Kernels(depth: depth, inputDepth: inputDepth, rows: rows, columns: columns)
  }

  private func index(_ j: Int, _ i: Int) -> Int {
    precondition(
      j >= 0 && j < depth && i >= 0 && i < inputDepth,
      "[\(j), \(i)] lies outside \(depth) kernels of \(inputDepth) channels")
    return j * inputDepth + i
  }
}

extension Kernels {
  /// Takes each number of B from its counterpart in A.
  public static func -= (A: inout Kernels, B: Kernels) {
    precondition(
      A.depth == B.depth && A.inputDepth == B.inputDepth, "the numbers of kernels have to agree")
    for j in 0..<A.depth {
      for i in 0..<A.inputDepth {
        A[j, i] -= B[j, i]
      }
    }
  }

  /// Each number times the factor.
  public static func * (factor: Double, A: Kernels) -> Kernels {
    var product = A
    product.matrices = A.matrices.map { factor * $0 }
    return product
  }
}
