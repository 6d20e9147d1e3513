#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The sigmoid: σ(x) = 1 / (1 + e^−x), with σ′(x) = σ(x) (1 − σ(x)).
///
/// It squashes every number into 0…1.
public struct Sigmoid: Layer, Hashable {
  /// The layer; there is nothing to choose.
  public init() {}

  /// σ(x) = 1 / (1 + e^−x).
  public func forward(_ X: Volume) -> Volume {
    X.map { x in 1 / (1 + exp(-x)) }
  }

  /// dE/dX = dE/dY ⊙ σ′(X).
  public func backward(_ dY: Volume, input X: Volume) -> (dX: Volume, gradient: NoGradient) {
    let derivative = forward(X).map { σ in σ * (1 - σ) }
    return (dY ⊙ derivative, NoGradient())
  }
}
