/// How far predictions are from what they should be, as one number, and which way is down.
public protocol Loss: Codable, Hashable, Sendable {
  /// E.
  ///
  /// - Parameters:
  ///   - prediction: What the network said, `[batch, …]`.
  ///   - target: What it should have said, in the same shape.
  /// - Returns: The error, a mean over the batch.
  /// - Throws: ``ShapeError`` when the shapes differ.
  func error(of prediction: Tensor, for target: Tensor) throws(ShapeError) -> Double

  /// dE/dprediction, in the shape of the prediction.
  ///
  /// - Throws: ``ShapeError`` when the shapes differ.
  func gradient(of prediction: Tensor, for target: Tensor) throws(ShapeError) -> Tensor

  /// The same loss as a function of what goes *into* a network's last layer, where the two together
  /// have a form that is exact and cannot overflow; `nil` where they have none.
  func fused(with lastLayer: any Recipe) -> (any Loss)?
}

extension Loss {
  /// No fused form.
  public func fused(with lastLayer: any Recipe) -> (any Loss)? { nil }

  /// The name by which errors and tables call this loss.
  public var name: String { String(describing: Self.self) }

  /// That the shapes agree.
  func check(_ prediction: Tensor, _ target: Tensor) throws(ShapeError) {
    guard prediction.shape == target.shape else {
      throw ShapeError(
        place: name, axis: "target", expected: "\(prediction.shape), as the prediction",
        found: "\(target.shape)",
        remedy: "end the network with as many outputs as the data has classes")
    }
  }
}
