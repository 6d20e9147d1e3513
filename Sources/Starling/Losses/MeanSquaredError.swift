/// The mean of the squared differences.
///
///     E = (1/m) Σ (ŷ − y)²        dE/dŷ = (2/m) (ŷ − y)
///
/// m counts all predictions, over outputs and batch.
public struct MeanSquaredError: Loss {
  /// The loss; there is nothing to choose.
  public init() {}

  /// (1/m) Σ (ŷ − y)².
  public func error(of prediction: Tensor, for target: Tensor) throws(ShapeError) -> Double {
    try check(prediction, target)
    var sum = 0.0
    for (ŷ, y) in zip(prediction.elements, target.elements) {
      let difference = Double(ŷ) - Double(y)
      sum += difference * difference
    }
    return sum / Double(prediction.count)
  }

  /// (2/m) (ŷ − y).
  public func gradient(of prediction: Tensor, for target: Tensor) throws(ShapeError) -> Tensor {
    try check(prediction, target)
    let m = Float(prediction.count)
    return prediction.combined(with: target) { ŷ, y in 2 * (ŷ - y) / m }
  }
}
