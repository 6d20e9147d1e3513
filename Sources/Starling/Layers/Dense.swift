/// Each output is a bias plus a weighted sum of all inputs.
///
///     y = b + w·x
///
/// | tensor | shape |
/// | --- | --- |
/// | x | `[batch, inputs]` |
/// | w, `weight` | `[outputs, inputs]` |
/// | b, `bias` | `[outputs]` |
/// | y | `[batch, outputs]` |
///
/// It is the convolution of n *channels* of 1×1 with kernels of 1×1, not of one map of n pixels. A
/// pass over one image takes inputs × outputs multiply-adds forward, and twice that backward.
public struct Dense: Recipe {
  /// The number of outputs.
  public var outputs: Int

  /// A dense layer with the given number of outputs; the network counts the inputs.
  public init(_ outputs: Int) {
    self.outputs = outputs
  }

  /// `[outputs]`.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    guard input.rank == 1 else {
      throw ShapeError(
        place: name, axis: "input", expected: "one axis", found: "\(input)",
        remedy: "put Flatten() before it")
    }
    guard outputs > 0 else {
      throw ShapeError(
        place: name, axis: "outputs", expected: "1 or more", found: "\(outputs)",
        remedy: "ask for at least one output")
    }
    return [outputs]
  }

  /// `weight` and `bias`.
  public func parameterSpecifications(for input: Shape) -> [ParameterSpecification] {
    [.weight([outputs, input[0]], inputs: input[0]), .bias([outputs])]
  }

  /// The layer for an input that ``outputShape(for:)`` accepts.
  public func layer(for input: Shape, parameters: Parameters) -> any Layer {
    DenseLayer(recipe: self, inputShape: input, outputShape: [outputs], parameters: parameters)
  }
}

/// ``Dense``, for one number of inputs.
struct DenseLayer: Layer {
  let recipe: any Recipe
  let inputShape: Shape
  let outputShape: Shape
  var parameters: Parameters

  /// y = b + w·x.
  func forward(_ x: Tensor, _ pass: Pass) -> (y: Tensor, cache: Tensor) {
    expect(x, inputShape)
    return (DenseKernels.forward(x, parameters["weight"], parameters["bias"], pass.threads), x)
  }

  /// dE/dw = dE/dy·xᵀ and dE/db = dE/dy, summed over the batch, and dE/dx = wᵀ·dE/dy.
  func backward(
    _ dY: Tensor, _ x: Tensor, accumulatingInto gradient: inout Parameters, _ pass: Pass
  ) -> Tensor {
    expect(dY, outputShape, asManyAs: x)
    DenseKernels.addWeightGradient(x, dY, to: &gradient["weight"], pass.threads)
    DenseKernels.addBiasGradient(dY, to: &gradient["bias"])
    return DenseKernels.inputGradient(dY, parameters["weight"], pass.threads)
  }
}
