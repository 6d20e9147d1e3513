/// Mean squared error: E = 1/m Σ (y − ŷ)², over m outputs.
public struct MeanSquaredError: Loss, Hashable {
  /// The loss; there is nothing to choose.
  public init() {}

  /// E = 1/m Σ (y − ŷ)².
  public func error(target y: Volume, prediction ŷ: Volume) -> Double {
    let m = Double(y.shape.count)
    let squares = y.zipped(with: ŷ) { y, ŷ in (y - ŷ) * (y - ŷ) }
    return 1 / m * squares.values.reduce(0, +)
  }

  /// dE/dŷ = 2/m (ŷ − y).
  public func gradient(target y: Volume, prediction ŷ: Volume) -> Volume {
    let m = Double(y.shape.count)
    return y.zipped(with: ŷ) { y, ŷ in 2 / m * (ŷ - y) }
  }
}
