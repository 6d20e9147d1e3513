import Foundation

/// Squashes each number into the range from −1 to 1.
///
///     tanh(x) = (e^x − e^−x) / (e^x + e^−x)        tanh′(x) = 1 − tanh(x)²
public struct Tanh: ElementwiseFunction {
  /// The hyperbolic tangent; there is nothing to choose.
  public init() {}

  /// tanh(x).
  public func value(_ x: Float) -> Float { tanh(x) }

  /// 1 − tanh(x)².
  public func slope(atValue y: Float) -> Float { 1 - y * y }
}
