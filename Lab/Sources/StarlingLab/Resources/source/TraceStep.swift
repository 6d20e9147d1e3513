/// One product of a pass: what is multiplied, where it is added, and what the sum is then.
public struct TraceStep: Hashable, Codable, Sendable {
  /// What is being computed.
  public enum Pass: String, CaseIterable, Codable, Sendable {
    /// Y_j = B_j + Σ_i X_i ⋆ K_ji.
    case forward
    /// dE/dK_ji = X_i ⋆ dE/dY_j.
    case kernelGradient
    /// dE/dX_i = Σ_j dE/dY_j ∗ K_ji, entry of X by entry of X.
    case inputGradientByGathering
    /// The same, entry of dE/dY by entry of dE/dY.
    case inputGradientByScattering
  }

  /// A row and a column, from 0.
  public struct Position: Hashable, Codable, Sendable {
    /// The row.
    public let row: Int
    /// The column.
    public let column: Int
  }

  /// A number and where it stands in its matrix.
  public struct Factor: Hashable, Codable, Sendable {
    /// The position, counted in the matrix as it is: not padded, not rotated.
    ///
    /// A position before the first or after the last row or column is one of the zeros around.
    public let position: Position
    /// The number.
    public let value: Double
    /// Whether it is one of the zeros that padding puts around the matrix.
    public let isPadding: Bool
  }

  /// What is being computed.
  public let pass: Pass
  /// The line of the layer, and the line of the operator in it, that do the step.
  public let lines: [SourceLine]
  /// The output j.
  public let j: Int
  /// The input channel i.
  public let i: Int
  /// The upper left corner of the window that the step works in.
  public let window: Position
  /// The first factor: of X forward and for dE/dK, of dE/dY for dE/dX.
  public let left: Factor
  /// The second factor: of K forward and for dE/dX, of dE/dY for dE/dK.
  public let right: Factor
  /// The product of the two.
  public let product: Double
  /// Where the product is added: in Y_j forward, in dE/dK_ji, in dE/dX_i.
  public let target: Position
  /// What stands at the target after the step.
  public let sum: Double
}
