/// The deck's layer: each output map is a bias plus the cross-correlations of all input channels with
/// one kernel.
///
///     Y_j = B_j + Σ_i X_i ⋆ K_ji
///
/// | tensor | shape |
/// | --- | --- |
/// | X | `[batch, inputDepth, height, width]` |
/// | K, `weight` | `[depth, inputDepth, kernel height, kernel width]` |
/// | B, `bias` | `[depth, output height, output width]`, `[depth]`, or none |
/// | Y | `[batch, depth, height − kernel height + 1, width − kernel width + 1]` |
///
/// A pass over one image takes depth × inputDepth × kernel area × output area multiply-adds forward,
/// and twice that backward.
public struct Convolution: Recipe {
  /// How many biases there are.
  public enum Bias: String, Codable, Hashable, Sendable {
    /// One for each position of each output map, as in the deck, where B_j is a matrix and
    /// dE/dB = dE/dY.
    case perPosition
    /// One for each output map, as in most libraries: dE/dB_j sums dE/dY_j over the positions.
    case perChannel
    /// None.
    case none
  }

  /// The number of kernels, and so of output maps.
  public var depth: Int
  /// The rows of each kernel.
  public var kernelHeight: Int
  /// The columns of each kernel.
  public var kernelWidth: Int
  /// How many biases there are.
  public var bias: Bias

  /// A convolution with square kernels.
  public init(depth: Int, kernelSize: Int, bias: Bias = .perChannel) {
    self.init(depth: depth, kernelHeight: kernelSize, kernelWidth: kernelSize, bias: bias)
  }

  /// A convolution with rectangular kernels.
  public init(depth: Int, kernelHeight: Int, kernelWidth: Int, bias: Bias = .perChannel) {
    self.depth = depth
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.bias = bias
  }

  /// `[depth, height − kernel height + 1, width − kernel width + 1]`.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    guard input.rank == 3 else {
      throw ShapeError(
        place: name, axis: "input", expected: "depth×height×width", found: "\(input)",
        remedy: "put Reshape([depth, height, width]) before it")
    }
    guard depth > 0 else {
      throw ShapeError(
        place: name, axis: "depth", expected: "1 or more", found: "\(depth)",
        remedy: "ask for at least one kernel")
    }
    for (axis, kernel, image) in [
      ("kernel height", kernelHeight, input[1]), ("kernel width", kernelWidth, input[2]),
    ] where kernel < 1 || kernel > image {
      throw ShapeError(
        place: name, axis: axis, expected: "1 to \(image) for an input of \(input)",
        found: "\(kernel)", remedy: "use a kernel that fits the input")
    }
    return [depth, input[1] - kernelHeight + 1, input[2] - kernelWidth + 1]
  }

  /// `weight`, and unless there is none, `bias`.
  public func parameterSpecifications(for input: Shape) -> [ParameterSpecification] {
    let weight = ParameterSpecification.weight(
      [depth, input[0], kernelHeight, kernelWidth],
      inputs: input[0] * kernelHeight * kernelWidth)
    switch bias {
    case .perPosition:
      let positions: Shape = [
        depth, input[1] - kernelHeight + 1, input[2] - kernelWidth + 1,
      ]
      return [weight, .bias(positions)]
    case .perChannel: return [weight, .bias([depth])]
    case .none: return [weight]
    }
  }

  /// The layer for an input that ``outputShape(for:)`` accepts.
  public func layer(for input: Shape, parameters: Parameters) -> any Layer {
    ConvolutionLayer(self, input, parameters)
  }
}

/// ``Convolution``, for one input shape.
struct ConvolutionLayer: Layer {
  private let convolution: Convolution
  private let sizes: ConvolutionSizes
  let inputShape: Shape
  let outputShape: Shape
  var parameters: Parameters

  var recipe: any Recipe { convolution }

  fileprivate init(_ recipe: Convolution, _ input: Shape, _ parameters: Parameters) {
    convolution = recipe
    sizes = ConvolutionSizes(
      inputDepth: input[0], inputHeight: input[1], inputWidth: input[2],
      depth: recipe.depth, kernelHeight: recipe.kernelHeight, kernelWidth: recipe.kernelWidth)
    inputShape = input
    outputShape = [sizes.depth, sizes.outputHeight, sizes.outputWidth]
    self.parameters = parameters
  }

  /// Y_j = B_j + Σ_i X_i ⋆ K_ji.
  func forward(_ x: Tensor, _ pass: Pass) -> (y: Tensor, cache: Tensor) {
    expect(x, inputShape)
    let bias = convolution.bias == .none ? nil : parameters["bias"]
    let y = ConvolutionKernels.forward(sizes, x, parameters["weight"], bias, pass.threads)
    return (y, x)
  }

  /// dE/dK_ji = X_i ⋆ dE/dY_j, dE/dB_j = dE/dY_j, dE/dX_i = Σ_j dE/dY_j ∗ K_ji, each summed over
  /// the batch where it has no batch axis.
  func backward(
    _ dY: Tensor, _ x: Tensor, accumulatingInto gradient: inout Parameters, _ pass: Pass
  ) -> Tensor {
    expect(dY, outputShape, asManyAs: x)
    ConvolutionKernels.addKernelGradient(sizes, x, dY, to: &gradient["weight"], pass.threads)
    if convolution.bias != .none {
      ConvolutionKernels.addBiasGradient(sizes, dY, to: &gradient["bias"])
    }
    return ConvolutionKernels.inputGradient(sizes, dY, parameters["weight"], pass.threads)
  }
}
