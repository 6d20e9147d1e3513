import Foundation

/// The error of independent yes-or-no predictions between 0 and 1.
///
///     E = −(1/m) Σ [y·log ŷ + (1 − y)·log(1 − ŷ)]
///     dE/dŷ = −(1/m) (y/ŷ − (1 − y)/(1 − ŷ))
///
/// m counts all predictions, over outputs and batch. The deck's gradient lacks the 1/m that its error
/// has; with it the two agree, and finite differences say so. At ŷ = 0 and 1 the logarithm is held at
/// −100 and the denominator at 10⁻¹², as PyTorch holds them. Behind a ``Sigmoid`` neither is met:
/// ``BinaryCrossEntropyWithLogits`` takes over.
public struct BinaryCrossEntropy: Loss {
  /// The loss; there is nothing to choose.
  public init() {}

  /// −(1/m) Σ [y·log ŷ + (1 − y)·log(1 − ŷ)].
  public func error(of prediction: Tensor, for target: Tensor) throws(ShapeError) -> Double {
    try check(prediction, target)
    var sum = 0.0
    for (ŷ, y) in zip(prediction.elements, target.elements) {
      // The logarithm comes first in max: so a NaN stays one.
      sum -= Double(y) * max(log(Double(ŷ)), -100)
      sum -= Double(1 - y) * max(log1p(-Double(ŷ)), -100)
    }
    return sum / Double(prediction.count)
  }

  /// −(1/m) (y/ŷ − (1 − y)/(1 − ŷ)), which is (1/m) (ŷ − y)/(ŷ·(1 − ŷ)).
  public func gradient(of prediction: Tensor, for target: Tensor) throws(ShapeError) -> Tensor {
    try check(prediction, target)
    let m = Float(prediction.count)
    return prediction.combined(with: target) { ŷ, y in
      (ŷ - y) / max(ŷ * (1 - ŷ), 1e-12) / m
    }
  }

  /// ``BinaryCrossEntropyWithLogits`` behind a ``Sigmoid``.
  public func fused(with lastLayer: any Recipe) -> (any Loss)? {
    lastLayer is Sigmoid ? BinaryCrossEntropyWithLogits() : nil
  }
}

/// Binary cross-entropy as a function of z, where the prediction is ŷ = σ(z).
///
///     E = (1/m) Σ [max(z, 0) − z·y + log(1 + e^−|z|)]        dE/dz = (1/m) (σ(z) − y)
///
/// Nothing here overflows, and no digit is lost where the sigmoid saturates.
public struct BinaryCrossEntropyWithLogits: Loss {
  /// The loss; there is nothing to choose.
  public init() {}

  /// (1/m) Σ [max(z, 0) − z·y + log(1 + e^−|z|)].
  public func error(of logits: Tensor, for target: Tensor) throws(ShapeError) -> Double {
    try check(logits, target)
    var sum = 0.0
    for (z, y) in zip(logits.elements, target.elements) {
      let (z, y) = (Double(z), Double(y))
      sum += max(z, 0) - z * y + log1p(exp(-abs(z)))
    }
    return sum / Double(logits.count)
  }

  /// (1/m) (σ(z) − y).
  public func gradient(of logits: Tensor, for target: Tensor) throws(ShapeError) -> Tensor {
    try check(logits, target)
    let (sigmoid, m) = (Sigmoid(), Float(logits.count))
    return logits.combined(with: target) { z, y in (sigmoid.value(z) - y) / m }
  }
}
