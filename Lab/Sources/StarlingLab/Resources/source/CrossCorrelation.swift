/// Cross-correlation, X ⋆ K: the kernel slides over the input as it is.
infix operator ⋆ : ProductPrecedence

/// Convolution, Y ∗ K: the kernel is rotated by 180° first.
infix operator ∗ : ProductPrecedence

/// Valid cross-correlation: (X ⋆ K)_rc = Σ_uv X_(r+u)(c+v) K_uv.
///
/// The kernel lies on a window of the input, each pair of numbers is multiplied, the products are
/// summed, and the window moves on. What goes by the name of convolution in neural networks is this.
/// The kernel has to fit into the input; `validSize(of:over:)` tells beforehand.
public func ⋆ (X: Matrix, K: Matrix) -> Matrix {
  precondition(
    K.rows <= X.rows && K.columns <= X.columns,
    "a kernel of \(K.rows)×\(K.columns) does not fit into an input of \(X.rows)×\(X.columns)")
  // Valid padding: only where the kernel fully overlaps the input, input size − kernel size + 1.
  var Y = Matrix(rows: X.rows - K.rows + 1, columns: X.columns - K.columns + 1)
  for r in 0..<Y.rows {
    for c in 0..<Y.columns {
      for u in 0..<K.rows {
        for v in 0..<K.columns {
          Y[r, c] += X[r + u, c + v] * K[u, v]
        }
      }
    }
  }
  return Y
}

/// Full convolution: (Y ∗ K)_rc = Σ_uv Y_(r−u)(c−v) K_uv, wherever the two overlap at all.
///
/// It is the cross-correlation with the rotated kernel, Y ∗ K = Y ⋆ rot180(K), of an input that has
/// zeros around it.
public func ∗ (Y: Matrix, K: Matrix) -> Matrix {
  Y.padded(for: K) ⋆ K.rotated180
}

/// The rows and columns that valid cross-correlation gives for an input and a kernel.
///
/// - Parameters:
///   - K: The rows and columns of the kernel.
///   - X: The rows and columns of the input.
/// - Returns: Input size − kernel size + 1, in both directions.
/// - Throws: `SizeError` if the kernel is larger than the input, or has no rows or columns.
public func validSize(
  of K: (rows: Int, columns: Int), over X: (rows: Int, columns: Int)
) throws(SizeError) -> (rows: Int, columns: Int) {
  guard K.rows > 0, K.columns > 0 else {
    throw SizeError(
      description: "a kernel has at least one row and one column, not \(K.rows)×\(K.columns)")
  }
  guard K.rows <= X.rows, K.columns <= X.columns else {
    throw SizeError(
      description: "a kernel of \(K.rows)×\(K.columns) does not fit into an input of "
        + "\(X.rows)×\(X.columns); take a smaller kernel or a larger input")
  }
  return (X.rows - K.rows + 1, X.columns - K.columns + 1)
}

extension Matrix {
  /// Turned upside down and back to front, which is a rotation by 180°.
  public var rotated180: Matrix {
    Matrix(rows: rows, columns: columns, values: values.reversed())
  }

  /// With as many zeros around that the kernel can begin with one number on the matrix.
  ///
  /// That is kernel size − 1 on each side.
  public func padded(for K: Matrix) -> Matrix {
    let (above, left) = (K.rows - 1, K.columns - 1)
    var P = Matrix(rows: rows + 2 * above, columns: columns + 2 * left)
    for r in 0..<rows {
      for c in 0..<columns {
        P[above + r, left + c] = self[r, c]
      }
    }
    return P
  }
}
