/// Products bind more tightly than sums, as in the formulas.
precedencegroup ProductPrecedence {
  associativity: left
  higherThan: AdditionPrecedence
}

/// The matrix product, W ⋅ x.
infix operator ⋅ : ProductPrecedence

/// The product of each number with its counterpart, A ⊙ B.
infix operator ⊙ : ProductPrecedence

extension Matrix {
  /// Adds each number of B to its counterpart in A.
  public static func += (A: inout Matrix, B: Matrix) {
    A = A + B
  }

  /// Takes each number of B from its counterpart in A.
  public static func -= (A: inout Matrix, B: Matrix) {
    A = A - B
  }

  /// The sums of counterparts: A_rc + B_rc.
  public static func + (A: Matrix, B: Matrix) -> Matrix {
    combine(A, B) { a, b in a + b }
  }

  /// The differences of counterparts: A_rc − B_rc.
  public static func - (A: Matrix, B: Matrix) -> Matrix {
    combine(A, B) { a, b in a - b }
  }

  /// The products of counterparts: A_rc B_rc, which is not the matrix product.
  public static func ⊙ (A: Matrix, B: Matrix) -> Matrix {
    combine(A, B) { a, b in a * b }
  }

  /// Each number times the factor.
  public static func * (factor: Double, A: Matrix) -> Matrix {
    A.map { factor * $0 }
  }

  /// The matrix product: row r of A times column c of B, summed.
  public static func ⋅ (A: Matrix, B: Matrix) -> Matrix {
    precondition(
      A.columns == B.rows,
      "\(A.rows)×\(A.columns) times \(B.rows)×\(B.columns): the inner sizes have to agree")
    var C = Matrix(rows: A.rows, columns: B.columns)
    for r in 0..<A.rows {
      for c in 0..<B.columns {
        var sum = 0.0
        for k in 0..<A.columns {
          sum += A[r, k] * B[k, c]
        }
        C[r, c] = sum
      }
    }
    return C
  }

  /// Rows as columns and columns as rows.
  public var transposed: Matrix {
    var T = Matrix(rows: columns, columns: rows)
    for r in 0..<rows {
      for c in 0..<columns {
        T[c, r] = self[r, c]
      }
    }
    return T
  }

  /// The function's value for each number.
  public func map(_ function: (Double) -> Double) -> Matrix {
    Matrix(rows: rows, columns: columns, values: values.map(function))
  }

  /// All the numbers added up.
  public var sum: Double { values.reduce(0, +) }

  private static func combine(
    _ A: Matrix, _ B: Matrix, _ function: (Double, Double) -> Double
  ) -> Matrix {
    precondition(
      A.rows == B.rows && A.columns == B.columns,
      "\(A.rows)×\(A.columns) and \(B.rows)×\(B.columns): the sizes have to agree")
    return Matrix(
      rows: A.rows, columns: A.columns, values: zip(A.values, B.values).map { function($0, $1) })
  }
}
