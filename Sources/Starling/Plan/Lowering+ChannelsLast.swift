extension Lowering {
  /// Lowers a group in `channelsLast`, with a border for the next one; false when no plan knows how.
  mutating func lowerInChannelsLast(_ group: SpatialGroup, border: Int, isLast: Bool) -> Bool {
    guard let (recipe, node) = group.convolution, !isTraining else { return false }
    guard group.activation == nil || group.activation == .relu else { return false }
    var (weight, bias) = (node.firstTensor, recipe.bias == .none ? nil : node.firstTensor + 1)
    if let (normalization, normalized) = group.normalization {
      (weight, bias) = fold(normalization, normalized, into: recipe, node, weight, bias)
    }
    let convolution = PixelConvolution(
      Pixels(value), depth: recipe.depth, kernelHeight: recipe.kernelHeight,
      kernelWidth: recipe.kernelWidth, stride: recipe.stride, padding: recipe.padding)
    let packed = ChannelsLastPack(
      convolution, weight: weight, bias: bias, perPosition: recipe.bias == .perPosition,
      in: &workspace)
    pack(packed)
    let output = activation(group.output, border: border, isLast: isLast)
    value = output
    let isReLU = group.activation == .relu
    if group.pooling == nil {
      steps.append(
        ChannelsLastForward(
          packed, to: Pixels(output), isReLU: isReLU, in: &workspace, workers: workers))
    } else if let pooling = group.pooling, pooling.kind == .max, pooling.isHalving {
      steps.append(
        ChannelsLastForwardPooled(
          packed, to: Pixels(output), winners: nil, isReLU: isReLU, in: &workspace,
          workers: workers))
    } else {
      return false
    }
    return true
  }

  /// A place for what a group gives: with a border for the next one, or as a dense layer reads it.
  private mutating func activation(_ shape: Shape, border: Int, isLast: Bool) -> Activation {
    workspace.activation(
      isLast ? .rows : .channelsLast, batch: batch, channels: shape[0], height: shape[1],
      width: shape[2], border: border)
  }

  /// At inference a normalization behind a convolution is part of its kernels and biases.
  private mutating func fold(
    _ normalization: BatchNormalization, _ normalized: Node, into recipe: Convolution,
    _ node: Node, _ weight: Int, _ bias: Int?
  ) -> (Int, Int?) {
    let count = recipe.depth * node.input[0] * recipe.kernelHeight * recipe.kernelWidth
    let positions =
      recipe.bias == .perPosition ? node.output[1] * node.output[2] : 1
    let kernels = derivedTensor(count)
    let biases = derivedTensor(recipe.depth * positions)
    pack(
      FoldNormalization(
        depth: recipe.depth, terms: count / recipe.depth, positions: positions,
        epsilon: normalization.epsilon, weight: weight, bias: bias,
        normalization: normalized.firstTensor, kernels: kernels.slot, biases: biases.slot))
    return (kernels.number, biases.number)
  }
}

/// K_j ← K_j·s_j and B_j ← (B_j − μ_j)·s_j + β_j, with s_j = γ_j / √(σ_j² + ε): a convolution and the
/// normalization behind it, at inference, as one convolution.
struct FoldNormalization: Step {
  let depth, terms, positions: Int
  let epsilon: Float
  /// The numbers of the convolution's tensors, and of the normalization's first.
  let weight: Int
  let bias: Int?
  let normalization: Int
  let kernels, biases: Slot

  var task: String { "fold normalization" }
  var algorithm: String { "scale" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 8 * depth * (terms + positions) }
  var isSerial: Bool { true }

  func run(_ memory: Memory, _ worker: Worker) {
    guard worker.index == 0 else { return }
    let (γ, β) = (memory.parameters[normalization], memory.parameters[normalization + 1])
    let (μ, σ2) = (memory.parameters[normalization + 2], memory.parameters[normalization + 3])
    for j in 0..<depth {
      let s = γ[j] / (σ2[j] + epsilon).squareRoot()
      for k in j * terms..<(j + 1) * terms {
        memory[kernels][k] = memory.parameters[weight][k] * s
      }
      for p in j * positions..<(j + 1) * positions {
        let b = bias.map { memory.parameters[$0][p] } ?? 0
        memory[biases][p] = (b - μ[j]) * s + β[j]
      }
    }
  }
}
