/// A layer whose output is linear in its input but for corners, such as those of a rectifier.
///
/// The slope at a point is that of the piece on which the point lies. A finite difference that reaches
/// across a corner would tell of two pieces, so that ``Network/checkGradients(loss:images:targets:directions:seed:threads:)``
/// asks for the one piece alone.
protocol PiecewiseLinearLayer: Layer {
  /// The output for a batch near the one that left `cache`, as if that one's piece went on for ever.
  func forward(_ x: Tensor, onPieceOf cache: Cache, _ pass: Pass) -> Tensor
}

extension PiecewiseLinearLayer {
  /// ``forward(_:onPieceOf:_:)`` for a caller that does not know which layer this is.
  func forwardErased(_ x: Tensor, onPieceOf cache: any Sendable, _ pass: Pass) -> Tensor {
    guard let cache = cache as? Cache else {
      preconditionFailure("the cache handed to \(recipe.name) is another layer's")
    }
    return forward(x, onPieceOf: cache, pass)
  }
}

extension ElementwiseLayer: PiecewiseLinearLayer where Function == ReLU {
  /// x where the rectifier let it pass, and 0 elsewhere.
  func forward(_ x: Tensor, onPieceOf y: Tensor, _ pass: Pass) -> Tensor {
    x.combined(with: y) { x, y in x * function.slope(atValue: y) }
  }
}

extension MaxPoolingLayer: PiecewiseLinearLayer {
  /// The number of each window that was the largest.
  func forward(_ x: Tensor, onPieceOf base: Tensor, _ pass: Pass) -> Tensor {
    PoolingKernels.numbers(sizes, x, whereLargestIn: base, pass.threads)
  }
}
