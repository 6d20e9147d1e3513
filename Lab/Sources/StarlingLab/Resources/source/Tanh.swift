#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The hyperbolic tangent, with tanh′(x) = 1 − tanh²(x).
///
/// It squashes every number into −1…1.
public struct Tanh: Layer, Hashable {
  /// The layer; there is nothing to choose.
  public init() {}

  /// tanh(x).
  public func forward(_ X: Volume) -> Volume {
    X.map { x in tanh(x) }
  }

  /// dE/dX = dE/dY ⊙ tanh′(X).
  public func backward(_ dY: Volume, input X: Volume) -> (dX: Volume, gradient: NoGradient) {
    let derivative = forward(X).map { y in 1 - y * y }
    return (dY ⊙ derivative, NoGradient())
  }
}
