/// How far the kernel may slide, in SciPy's words.
public enum Mode: String, CaseIterable, Codable, Sendable {
  /// Only where the kernel lies fully on the input: input size − kernel size + 1.
  case valid
  /// As large as the input: the middle of `full`.
  case same
  /// Wherever kernel and input overlap at all: input size + kernel size − 1.
  case full
}

/// Cross-correlation in a mode, as SciPy's `correlate2d` does it.
///
/// In `valid` the kernel has to fit into the input, where SciPy would exchange the two. A kernel of
/// even size has no middle: `same` then has one row or column of zeros more below and on the right.
public func crossCorrelate(_ X: Matrix, _ K: Matrix, mode: Mode = .valid) -> Matrix {
  switch mode {
  case .valid:
    return X ⋆ K
  case .full:
    return X.padded(for: K) ⋆ K
  case .same:
    let full = crossCorrelate(X, K, mode: .full)
    return full.part(row: K.rows / 2, column: K.columns / 2, rows: X.rows, columns: X.columns)
  }
}

/// Convolution in a mode, as SciPy's `convolve2d` does it.
///
/// In `valid` the kernel has to fit into the input, where SciPy would exchange the two. A kernel of
/// even size has no middle: `same` then has one row or column of zeros more above and on the left.
public func convolve(_ X: Matrix, _ K: Matrix, mode: Mode = .full) -> Matrix {
  switch mode {
  case .valid:
    return X ⋆ K.rotated180
  case .full:
    return X ∗ K
  case .same:
    let (row, column) = ((K.rows - 1) / 2, (K.columns - 1) / 2)
    return (X ∗ K).part(row: row, column: column, rows: X.rows, columns: X.columns)
  }
}

extension Matrix {
  /// The part of the given size whose upper left corner is at a row and a column.
  public func part(row: Int, column: Int, rows: Int, columns: Int) -> Matrix {
    var P = Matrix(rows: rows, columns: columns)
    for r in 0..<rows {
      for c in 0..<columns {
        P[r, c] = self[row + r, column + c]
      }
    }
    return P
  }
}
