import Foundation

/// Squashes each number into the range from 0 to 1.
///
///     σ(x) = 1 / (1 + e^−x)        σ′(x) = σ(x)·(1 − σ(x))
public struct Sigmoid: ElementwiseFunction {
  /// The sigmoid; there is nothing to choose.
  public init() {}

  /// σ(x).
  ///
  /// For x below −88 the exponential overflows to infinity and σ is 0, which is its limit.
  public func value(_ x: Float) -> Float { 1 / (1 + exp(-x)) }

  /// σ(x)·(1 − σ(x)).
  public func slope(atValue y: Float) -> Float { y * (1 - y) }
}
