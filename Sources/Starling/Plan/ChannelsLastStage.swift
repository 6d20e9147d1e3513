/// One or several layers of a group that are one step forward.
struct ChannelsLastStage {
  enum Kind {
    case convolution(
      Convolution, Lowering.Node, (BatchNormalization, Lowering.Node)?, relu: Bool, pooled: Bool)
    case normalization(BatchNormalization, Lowering.Node, relu: Bool, pooled: Bool)
    case activation(ElementwiseKind)
    case pooling(SpatialGroup.Pooling)
  }

  let kind: Kind
  let output: Shape

  /// The stages of a group, each as large as can be.
  static func stages(of group: SpatialGroup, isTraining: Bool) -> [ChannelsLastStage] {
    var stages: [ChannelsLastStage] = []
    var activation = group.activation
    var pooling = group.pooling
    var normalization = group.normalization
    /// Takes the ReLU and the halving that the next stage can do.
    func ends(pools: Bool) -> (relu: Bool, pooled: Bool) {
      guard activation == nil || activation == .relu else { return (false, false) }
      let relu = activation == .relu
      activation = nil
      guard pools, let end = pooling, end.kind == .max, end.isHalving else { return (relu, false) }
      pooling = nil
      return (relu, true)
    }
    let last = group.output
    if let (recipe, node) = group.convolution {
      let folded = isTraining ? nil : normalization
      if folded != nil { normalization = nil }
      // The four of a window have the same bias, but where each position has its own.
      let end =
        normalization == nil
        ? ends(pools: recipe.bias != .perPosition) : (relu: false, pooled: false)
      stages.append(
        ChannelsLastStage(
          kind: .convolution(recipe, node, folded, relu: end.relu, pooled: end.pooled),
          output: end.pooled ? last : node.output))
    }
    if let (recipe, node) = normalization {
      let end = ends(pools: node.output[0] % 16 == 0)
      stages.append(
        ChannelsLastStage(
          kind: .normalization(recipe, node, relu: end.relu, pooled: end.pooled),
          output: end.pooled ? last : node.output))
    }
    if let function = activation {
      stages.append(
        ChannelsLastStage(
          kind: .activation(function), output: stages.last?.output ?? group.input))
    }
    if let pooling {
      stages.append(ChannelsLastStage(kind: .pooling(pooling), output: last))
    }
    return stages
  }
}
