extension ConvolutionalLayer {
  /// A layer for inputs of a shape, its weights drawn from the generator of a seed.
  ///
  /// - Parameters:
  ///   - inputShape: Depth, height and width of the input.
  ///   - kernelSize: Rows and columns of the kernels.
  ///   - depth: The number of kernels, and of output maps.
  ///   - bias: One bias for each output position, as in the deck, or one for each map.
  ///   - seed: The same seed gives the same weights.
  /// - Throws: `SizeError` if the kernel does not fit into the input, a size is below 1, or there
  ///   would be more numbers than a machine can hold.
  public init(
    inputShape: VolumeShape, kernelSize: Int, depth: Int, bias: Bias = .perPosition,
    seed: UInt64 = 1
  ) throws(SizeError) {
    var random = SplitMix64(seed: seed)
    try self.init(
      inputShape: inputShape, kernelSize: kernelSize, depth: depth, bias: bias, using: &random)
  }

  /// A layer for inputs of a shape, its weights drawn from a generator.
  ///
  /// First the kernels are drawn, by j, i, row and column, then the biases, by j, row and column.
  ///
  /// - Parameters:
  ///   - inputShape: Depth, height and width of the input.
  ///   - kernelSize: Rows and columns of the kernels.
  ///   - depth: The number of kernels, and of output maps.
  ///   - bias: One bias for each output position, as in the deck, or one for each map.
  ///   - random: The generator that the layers of a network share.
  /// - Throws: `SizeError` if the kernel does not fit into the input, a size is below 1, or there
  ///   would be more numbers than a machine can hold.
  public init(
    inputShape: VolumeShape, kernelSize: Int, depth: Int, bias: Bias = .perPosition,
    using random: inout SplitMix64
  ) throws(SizeError) {
    guard inputShape.depth > 0, depth > 0 else {
      throw SizeError(
        description: "a layer has at least one input channel and one kernel, "
          + "not \(inputShape.depth) and \(depth)")
    }
    let output = try validSize(
      of: (kernelSize, kernelSize), over: (inputShape.height, inputShape.width))
    try checkCounts(inputShape: inputShape, depth: depth, kernel: (kernelSize, kernelSize))
    let products = inputShape.depth * kernelSize * kernelSize
    var kernels = Kernels(
      depth: depth, inputDepth: inputShape.depth, rows: kernelSize, columns: kernelSize)
    for j in 0..<depth {
      for i in 0..<inputShape.depth {
        kernels[j, i] = Matrix(
          rows: kernelSize, columns: kernelSize,
          values: random.weights(kernelSize * kernelSize, summing: products))
      }
    }
    let shape: VolumeShape =
      bias == .perPosition ? [depth, output.rows, output.columns] : [depth, 1, 1]
    let biases = Volume(shape: shape, values: random.weights(shape.count, summing: products))
    self.init(inputShape: inputShape, bias: bias, kernels: kernels, biases: biases)
  }

  /// A layer for inputs of a shape, with the given kernels and biases.
  ///
  /// - Parameters:
  ///   - inputShape: Depth, height and width of the input.
  ///   - kernels: As many kernels as there are output maps, with as many channels as the input.
  ///   - biases: A volume of the output's shape, or of depth×1×1 for one bias a map.
  /// - Throws: `SizeError` if the three do not go together, or there would be more numbers than a
  ///   machine can hold.
  public init(inputShape: VolumeShape, kernels: Kernels, biases: Volume) throws(SizeError) {
    guard kernels.inputDepth == inputShape.depth else {
      throw SizeError(
        description: "kernels of \(kernels.inputDepth) channels do not go with an input of depth "
          + "\(inputShape.depth); a kernel has as many channels as the input")
    }
    let output = try validSize(
      of: (kernels.rows, kernels.columns), over: (inputShape.height, inputShape.width))
    try checkCounts(
      inputShape: inputShape, depth: kernels.depth, kernel: (kernels.rows, kernels.columns))
    let perPosition: VolumeShape = [kernels.depth, output.rows, output.columns]
    let perChannel: VolumeShape = [kernels.depth, 1, 1]
    guard biases.shape == perPosition || biases.shape == perChannel else {
      throw SizeError(
        description: "biases of \(biases.shape) do not go with an output of \(perPosition); "
          + "give one for each position, or \(perChannel) for one a map")
    }
    self.init(
      inputShape: inputShape, bias: biases.shape == perPosition ? .perPosition : .perChannel,
      kernels: kernels, biases: biases)
  }

  /// The number of kernels, and of output maps.
  public var depth: Int { kernels.depth }
  /// The number of input channels.
  public var inputDepth: Int { inputShape.depth }
  /// The shape of the output: input size − kernel size + 1.
  public var outputShape: VolumeShape {
    [depth, inputShape.height - kernels.rows + 1, inputShape.width - kernels.columns + 1]
  }

  /// B as a volume of the output's shape, with a bias per map standing at each position of it.
  public var B: Volume {
    guard bias == .perChannel else { return biases }
    return Volume(
      biases.matrices.map { number in
        Matrix(
          rows: outputShape.height, columns: outputShape.width, repeating: number[0, 0])
      })
  }
}

/// Refuses a layer whose input, kernels or output would hold too many numbers.
///
/// The kernel is known to fit into the input.
private func checkCounts(
  inputShape: VolumeShape, depth: Int, kernel: (rows: Int, columns: Int)
) throws(SizeError) {
  try count(inputShape.sizes, of: "an input")
  try count([depth, inputShape.depth, kernel.rows, kernel.columns], of: "kernels")
  let (rows, columns) = (kernel.rows - 1, kernel.columns - 1)
  try count([depth, inputShape.height - rows, inputShape.width - columns], of: "an output")
}
