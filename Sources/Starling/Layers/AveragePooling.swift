/// Replaces each window of each channel by its mean.
///
///     Y[c, row, column] = mean of X[c] over the window that begins at (row·stride, column·stride)
///
/// `[depth, height, width]` becomes `[depth, ⌊(height − size) / stride⌋ + 1, …]`, as in PyTorch: rows and
/// columns at the end that no whole window covers are not seen.
///
/// On the way back each number of a window gets dE/dY / size²; where windows overlap, the sum.
public struct AveragePooling: Recipe {
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
    AveragePoolingLayer(
      recipe: self, sizes: PoolingSizes(input, size: size, stride: stride), inputShape: input)
  }
}

/// ``AveragePooling``, for one input shape.
struct AveragePoolingLayer: Layer {
  let recipe: any Recipe
  let sizes: PoolingSizes
  let inputShape: Shape

  var outputShape: Shape { sizes.outputShape }

  /// The mean of each window; nothing of X is needed on the way back.
  func forward(_ x: Tensor, _ pass: Pass) -> (y: Tensor, cache: Void) {
    expect(x, inputShape)
    return (PoolingKernels.mean(sizes, x, pass.threads), ())
  }

  /// dE/dX is dE/dY / size² all over the window.
  func backward(
    _ dY: Tensor, _: Void, accumulatingInto gradient: inout Parameters, _ pass: Pass
  ) -> Tensor {
    expect(dY, outputShape)
    return PoolingKernels.gradientOfMean(sizes, dY, pass.threads)
  }
}
