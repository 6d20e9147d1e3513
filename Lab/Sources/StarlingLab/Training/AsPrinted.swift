import Starling

/// An error whose gradient lacks the division by the number of outputs that the error itself has, as on
/// the deck's slide.
///
/// With the deck's two outputs it is 2 times too large. The mean over a batch is taken all the same: the
/// slide speaks of one sample.
struct AsPrinted<Right: Loss>: Loss {
  let loss: Right

  func error(of prediction: Tensor, for target: Tensor) throws(ShapeError) -> Double {
    try loss.error(of: prediction, for: target)
  }

  func gradient(of prediction: Tensor, for target: Tensor) throws(ShapeError) -> Tensor {
    let outputs = Float(prediction.shape.withoutBatch.count)
    return try loss.gradient(of: prediction, for: target).map { $0 * outputs }
  }

  /// The same mistake in the form that the engine takes together with the last layer.
  func fused(with lastLayer: any Recipe) -> (any Loss)? {
    func asPrinted(_ loss: some Loss) -> any Loss { AsPrinted<_>(loss: loss) }
    guard let fused = loss.fused(with: lastLayer) else { return nil }
    return asPrinted(fused)
  }
}
