/// Neighbouring layers on images that are lowered together: a convolution with what stands behind it.
struct SpatialGroup {
  /// The convolution, if the group begins with one.
  var convolution: (recipe: Convolution, node: Lowering.Node)?
  /// The batch normalization of its output.
  var normalization: (recipe: BatchNormalization, node: Lowering.Node)?
  /// The activation.
  var activation: ElementwiseKind?
  /// The pooling.
  var pooling: Pooling?
  /// The positions of its layers.
  var nodes: Range<Int>
  /// The shapes that come in and out.
  let input: Shape
  var output: Shape

  /// Whether it is an activation and nothing else.
  var isFunction: Bool { convolution == nil && normalization == nil && pooling == nil }

  /// A pooling of windows of `size`, `stride` apart.
  struct Pooling: Hashable {
    enum Kind { case max, average }
    let kind: Kind
    let size, stride: Int

    /// Whether windows are 2×2 and do not overlap: the case that is fused.
    var isHalving: Bool { size == 2 && stride == 2 }
  }

  /// Whether a layer takes images as such, and not each of their numbers alone.
  static func begins(with node: Lowering.Node) -> Bool {
    switch node.recipe {
    case is Convolution, is MaxPooling, is AveragePooling: true
    case is BatchNormalization: node.input.rank == 3
    default: false
    }
  }

  /// The groups of the layers that take images, from a position on, and the position behind them.
  static func groups(
    of nodes: [Lowering.Node], from first: Int
  ) -> (groups: [SpatialGroup], end: Int) {
    var groups: [SpatialGroup] = []
    var position = first
    func current<Recipe>(_ type: Recipe.Type) -> (Recipe, Lowering.Node)? {
      guard position < nodes.count, let recipe = nodes[position].recipe as? Recipe else {
        return nil
      }
      return (recipe, nodes[position])
    }
    while position < nodes.count, nodes[position].input.rank == 3 {
      let node = nodes[position]
      var group = SpatialGroup(
        nodes: position..<position, input: node.input, output: node.output)
      let start = position
      if let convolution = current(Convolution.self) {
        group.convolution = convolution
        position += 1
      }
      if let normalization = current(BatchNormalization.self) {
        group.normalization = normalization
        position += 1
      }
      if position < nodes.count, let kind = ElementwiseKind(nodes[position].recipe) {
        group.activation = kind
        position += 1
      }
      if let (pooling, _) = current(MaxPooling.self) {
        group.pooling = Pooling(kind: .max, size: pooling.size, stride: pooling.stride)
        position += 1
      } else if let (pooling, _) = current(AveragePooling.self) {
        group.pooling = Pooling(kind: .average, size: pooling.size, stride: pooling.stride)
        position += 1
      }
      guard position > start else { break }
      group.nodes = start..<position
      group.output = nodes[position - 1].output
      groups.append(group)
    }
    return (groups, position)
  }
}
