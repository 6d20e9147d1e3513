/// The derivation of dE/dK for one input and one kernel, term by term.
///
/// The layer is Y = B + X ⋆ K, so that Y_rc = B_rc + Σ_uv X_(r+u)(c+v) K_uv. An element K_uv has a
/// part in every Y_rc, and the chain rule sums over them all:
///
///     dE/dK_uv = Σ_rc dE/dY_rc · ∂Y_rc/∂K_uv        with ∂Y_rc/∂K_uv = X_(r+u)(c+v)
///
/// Written in the order of r and c, element after element, these sums are a cross-correlation with
/// dE/dY in the kernel's place: dE/dK = X ⋆ dE/dY.
///
///     let derivation = try KernelGradientDerivation(X: X, dY: dY)
///     print(derivation)                              // every term of every element
///     derivation.dK == X ⋆ dY                        // true
public struct KernelGradientDerivation: Hashable, Sendable {
  /// One term of the chain rule: what Y_rc contributes to dE/dK_uv.
  public struct Term: Hashable, Sendable {
    /// The row of Y.
    public let r: Int
    /// The column of Y.
    public let c: Int
    /// dE/dY_rc, which is given.
    public let dE_dY: Double
    /// ∂Y_rc/∂K_uv, which is the input X_(r+u)(c+v) that lies under K_uv in the window of Y_rc.
    public let dY_dK: Double

    /// dE/dY_rc · ∂Y_rc/∂K_uv.
    public var product: Double { dE_dY * dY_dK }
  }

  /// One element of the kernel with all its terms.
  public struct Element: Hashable, Sendable {
    /// The row of K.
    public let u: Int
    /// The column of K.
    public let v: Int
    /// A term for each output position.
    public let terms: [Term]

    /// dE/dK_uv, the sum of the terms.
    public var dE_dK: Double { terms.reduce(0) { sum, term in sum + term.product } }
  }

  /// The elements of the kernel, row after row.
  public let elements: [Element]
  private let rows: Int
  private let columns: Int

  /// The derivation for an input and the gradient of an output.
  ///
  /// - Parameters:
  ///   - X: The input.
  ///   - dY: dE/dY; the kernel's size follows from the two, as input size − output size + 1.
  /// - Throws: `SizeError` if the output is larger than the input.
  public init(X: Matrix, dY: Matrix) throws(SizeError) {
    guard dY.rows <= X.rows, dY.columns <= X.columns else {
      throw SizeError(
        description: "an output of \(dY.rows)×\(dY.columns) cannot come from an input of "
          + "\(X.rows)×\(X.columns); it is smaller by kernel size − 1")
    }
    rows = X.rows - dY.rows + 1
    columns = X.columns - dY.columns + 1
    var elements: [Element] = []
    for u in 0..<rows {
      for v in 0..<columns {
        var terms: [Term] = []
        for r in 0..<dY.rows {
          for c in 0..<dY.columns {
            terms.append(Term(r: r, c: c, dE_dY: dY[r, c], dY_dK: X[r + u, c + v]))
          }
        }
        elements.append(Element(u: u, v: v, terms: terms))
      }
    }
    self.elements = elements
  }

  /// The sums put in their places: dE/dK, which equals X ⋆ dE/dY.
  public var dK: Matrix {
    Matrix(rows: rows, columns: columns, values: elements.map(\.dE_dK))
  }
}

extension KernelGradientDerivation: CustomStringConvertible {
  /// A line for each element: the chain rule in letters, in numbers, and its sum.
  public var description: String {
    elements.map { element in
      let (u, v) = (element.u, element.v)
      let letters = element.terms.map { "dE/dY[\($0.r),\($0.c)]·X[\($0.r + u),\($0.c + v)]" }
      let numbers = element.terms.map { "\(text($0.dE_dY))·\(text($0.dY_dK))" }
      return "dE/dK[\(u),\(v)] = \(letters.joined(separator: " + "))"
        + " = \(numbers.joined(separator: " + ")) = \(text(element.dE_dK))"
    }.joined(separator: "\n")
  }
}
