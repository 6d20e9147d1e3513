/// Keeps what is positive and makes the rest zero.
///
///     relu(x) = max(x, 0)        relu′(x) = 1 for x > 0, else 0
///
/// At 0 itself there is no slope; 0 is taken, as PyTorch takes it. NaN stays NaN, so that it is
/// found rather than hidden.
public struct ReLU: ElementwiseFunction {
  /// The rectifier; there is nothing to choose.
  public init() {}

  /// max(x, 0).
  public func value(_ x: Float) -> Float { x < 0 ? 0 : x }

  /// 1 where the value is positive, else 0.
  public func slope(atValue y: Float) -> Float { y > 0 ? 1 : 0 }
}
