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
/// | Y | `[batch, depth, output height, output width]` |
///
/// The input is first surrounded by `padding` rows and columns of zeros, and the kernel moves by
/// `stride` pixels at a time:
///
///     output height = ⌊(height + 2·padding − kernel height) / stride⌋ + 1
///
/// and the width likewise, as in PyTorch. Without padding, and with a stride of 1, that is the deck's
/// height − kernel height + 1. Rows at the end that no whole step reaches are not seen.
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
  /// How many pixels the kernel moves at a time, down and to the right.
  public var stride: Int
  /// How many rows and columns of zeros surround the input, on each of its four sides.
  public var padding: Int
  /// How many biases there are.
  public var bias: Bias

  /// A convolution with square kernels.
  public init(
    depth: Int, kernelSize: Int, stride: Int = 1, padding: Int = 0, bias: Bias = .perChannel
  ) {
    self.init(
      depth: depth, kernelHeight: kernelSize, kernelWidth: kernelSize, stride: stride,
      padding: padding, bias: bias)
  }

  /// A convolution with rectangular kernels.
  public init(
    depth: Int, kernelHeight: Int, kernelWidth: Int, stride: Int = 1, padding: Int = 0,
    bias: Bias = .perChannel
  ) {
    self.depth = depth
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.stride = stride
    self.padding = padding
    self.bias = bias
  }

  /// Reads the options of a model file; one from before there was stride and padding has neither.
  public init(from decoder: any Decoder) throws {
    let options = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      depth: try options.decode(Int.self, forKey: .depth),
      kernelHeight: try options.decode(Int.self, forKey: .kernelHeight),
      kernelWidth: try options.decode(Int.self, forKey: .kernelWidth),
      stride: try options.decodeIfPresent(Int.self, forKey: .stride) ?? 1,
      padding: try options.decodeIfPresent(Int.self, forKey: .padding) ?? 0,
      bias: try options.decode(Bias.self, forKey: .bias))
  }

  /// `[depth, output height, output width]`.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    try checkIsImage(input)
    guard depth > 0 else {
      throw ShapeError(
        place: name, axis: "depth", expected: "1 or more", found: "\(depth)",
        remedy: "ask for at least one kernel")
    }
    // An input's axis and twice such a padding add up to no more than an Int holds.
    guard padding >= 0, padding <= 1 << 31, paddedShape(of: input).isUsable else {
      throw ShapeError(
        place: name, axis: "padding",
        expected: "0 or more, and at most 2³¹ elements in the padded input", found: "\(padding)",
        remedy: "use half of the kernel's size, rounded down, to keep the size of the input")
    }
    let padded = paddedShape(of: input)
    try checkWindow("kernel", kernelHeight, kernelWidth, stride: stride, in: padded, from: input)
    return sizes(for: input).outputShape
  }

  /// `weight`, and unless there is none, `bias`.
  public func parameterSpecifications(for input: Shape) -> [ParameterSpecification] {
    let weight = ParameterSpecification.weight(
      [depth, input[0], kernelHeight, kernelWidth],
      inputs: input[0] * kernelHeight * kernelWidth)
    switch bias {
    case .perPosition: return [weight, .bias(sizes(for: input).outputShape)]
    case .perChannel: return [weight, .bias([depth])]
    case .none: return [weight]
    }
  }

  /// The layer for an input that ``outputShape(for:)`` accepts.
  public func layer(for input: Shape, parameters: Parameters) -> any Layer {
    ConvolutionLayer(
      convolution: self, sizes: sizes(for: input), inputShape: input, parameters: parameters)
  }

  /// The input with its border of zeros.
  private func paddedShape(of input: Shape) -> Shape {
    [input[0], input[1] + 2 * padding, input[2] + 2 * padding]
  }

  /// All sizes, for an input that ``outputShape(for:)`` accepts.
  func sizes(for input: Shape) -> ConvolutionSizes {
    ConvolutionSizes(
      inputDepth: input[0], inputHeight: input[1], inputWidth: input[2],
      depth: depth, kernelHeight: kernelHeight, kernelWidth: kernelWidth,
      stride: stride, padding: padding)
  }
}

/// ``Convolution``, for one input shape.
struct ConvolutionLayer: Layer {
  let convolution: Convolution
  let sizes: ConvolutionSizes
  let inputShape: Shape
  var parameters: Parameters

  var recipe: any Recipe { convolution }
  var outputShape: Shape { sizes.outputShape }

  /// Y_j = B_j + Σ_i X_i ⋆ K_ji; the cache is X with its border of zeros.
  func forward(_ x: Tensor, _ pass: Pass) -> (y: Tensor, cache: Tensor) {
    expect(x, inputShape)
    let bias = convolution.bias == .none ? nil : parameters["bias"]
    let padded = ConvolutionKernels.padded(sizes, x, pass.threads)
    let y = ConvolutionKernels.forward(sizes, padded, parameters["weight"], bias, pass.threads)
    return (y, padded)
  }

  /// dE/dK_ji = X_i ⋆ dE/dY_j, dE/dB_j = dE/dY_j, dE/dX_i = Σ_j dE/dY_j ∗ K_ji, each summed over
  /// the batch where it has no batch axis.
  func backward(
    _ dY: Tensor, _ padded: Tensor, accumulatingInto gradient: inout Parameters, _ pass: Pass
  ) -> Tensor {
    expect(dY, outputShape, asManyAs: padded)
    ConvolutionKernels.addKernelGradient(sizes, padded, dY, to: &gradient["weight"], pass.threads)
    if convolution.bias != .none {
      ConvolutionKernels.addBiasGradient(sizes, dY, to: &gradient["bias"])
    }
    return ConvolutionKernels.inputGradient(sizes, dY, parameters["weight"], pass.threads)
  }
}
