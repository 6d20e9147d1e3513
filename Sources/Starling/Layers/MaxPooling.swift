/// Keeps the largest number of each window of each channel.
///
///     Y[c, row, column] = max of X[c] over the window that begins at (row·stride, column·stride)
///
/// `[depth, height, width]` becomes `[depth, ⌊(height − size) / stride⌋ + 1, …]`, as in PyTorch: rows and
/// columns at the end that no whole window covers are not seen.
///
/// On the way back each dE/dY goes to the number that was kept. Of several equal ones that is the first in
/// the order of rows, as PyTorch has it. Where windows overlap, a number gets the sum. NaN counts as
/// the largest, so that it is found rather than hidden.
public struct MaxPooling: Recipe {
  /// The rows and columns of each window.
  public var size: Int
  /// How many pixels the window moves at a time.
  public var stride: Int

  /// Pooling over windows of `size`×`size`, which lie side by side unless there is a `stride`.
  public init(size: Int = 2, stride: Int? = nil) {
    self.size = size
    self.stride = stride ?? size
  }

  /// `[depth, output height, output width]`.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    try checkIsImage(input)
    try checkWindow("window", size, size, stride: stride, in: input, from: input)
    return PoolingSizes(input, size: size, stride: stride).outputShape
  }

  /// The layer for an input that ``outputShape(for:)`` accepts.
  public func layer(for input: Shape, parameters: Parameters) -> any Layer {
    MaxPoolingLayer(
      recipe: self, sizes: PoolingSizes(input, size: size, stride: stride), inputShape: input)
  }
}

/// ``MaxPooling``, for one input shape.
struct MaxPoolingLayer: Layer {
  let recipe: any Recipe
  let sizes: PoolingSizes
  let inputShape: Shape

  var outputShape: Shape { sizes.outputShape }

  /// The largest number of each window; the cache is X, which tells again where it was.
  func forward(_ x: Tensor, _ pass: Pass) -> (y: Tensor, cache: Tensor) {
    expect(x, inputShape)
    return (PoolingKernels.largest(sizes, x, pass.threads), x)
  }

  /// dE/dX is dE/dY where the largest number was, and 0 elsewhere.
  func backward(
    _ dY: Tensor, _ x: Tensor, accumulatingInto gradient: inout Parameters, _ pass: Pass
  ) -> Tensor {
    expect(dY, outputShape, asManyAs: x)
    return PoolingKernels.gradientOfLargest(sizes, x, dY, pass.threads)
  }
}
