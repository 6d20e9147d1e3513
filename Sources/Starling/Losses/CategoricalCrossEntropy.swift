import Foundation

/// The error of predicted probabilities, of which one for each sample should be 1.
///
///     E = −(1/n) Σ y·log ŷ        dE/dŷ = −(1/n) y/ŷ
///
/// n counts the samples of the batch. At ŷ = 0 the logarithm is held at −100 and the denominator at
/// 10⁻¹². Behind a ``Softmax`` neither is met: ``CategoricalCrossEntropyWithLogits`` takes over.
public struct CategoricalCrossEntropy: Loss {
  /// The loss; there is nothing to choose.
  public init() {}

  /// −(1/n) Σ y·log ŷ.
  public func error(of prediction: Tensor, for target: Tensor) throws(ShapeError) -> Double {
    try check(prediction, target)
    var sum = 0.0
    for (ŷ, y) in zip(prediction.elements, target.elements) {
      sum -= Double(y) * max(log(Double(ŷ)), -100)
    }
    return sum / Double(prediction.shape[0])
  }

  /// −(1/n) y/ŷ.
  public func gradient(of prediction: Tensor, for target: Tensor) throws(ShapeError) -> Tensor {
    try check(prediction, target)
    let n = Float(prediction.shape[0])
    return prediction.combined(with: target) { ŷ, y in -y / max(ŷ, 1e-12) / n }
  }

  /// ``CategoricalCrossEntropyWithLogits`` behind a ``Softmax``.
  public func fused(with lastLayer: any Recipe) -> (any Loss)? {
    lastLayer is Softmax ? CategoricalCrossEntropyWithLogits() : nil
  }
}

/// Categorical cross-entropy as a function of z, where the prediction is ŷ = softmax(z).
///
///     E = (1/n) Σ y_k·(log Σ_l e^(z_l) − z_k)        dE/dz_k = (1/n) (softmax(z)_k·Σ_l y_l − y_k)
///
/// Nothing here overflows, however large z is.
public struct CategoricalCrossEntropyWithLogits: Loss {
  /// The loss; there is nothing to choose.
  public init() {}

  /// (1/n) Σ y_k·(log Σ_l e^(z_l) − z_k).
  public func error(of logits: Tensor, for target: Tensor) throws(ShapeError) -> Double {
    try check(logits, target)
    var sum = 0.0
    for row in logits.rows {
      // Relative to the largest z, so that no digit of a small error is lost beside it.
      let largest = Softmax.largest(logits, row)
      func relative(_ k: Int) -> Double { Double(logits.elements[k]) - Double(largest) }
      let logSum = log(row.reduce(0) { $0 + exp(relative($1)) })
      for k in row { sum += Double(target.elements[k]) * (logSum - relative(k)) }
    }
    return sum / Double(logits.shape[0])
  }

  /// (1/n) (softmax(z)_k·Σ_l y_l − y_k).
  public func gradient(of logits: Tensor, for target: Tensor) throws(ShapeError) -> Tensor {
    try check(logits, target)
    var gradient = Softmax.apply(logits)
    let n = Float(logits.shape[0])
    for row in logits.rows {
      let total = row.reduce(0) { $0 + target.elements[$1] }
      for k in row {
        gradient.elements[k] = (gradient.elements[k] * total - target.elements[k]) / n
      }
    }
    return gradient
  }
}
