extension Lowering {
  /// Lowers the layers from a position on that take images, and the input if they are the first; the position
  /// behind them, or nil when no plan knows one of them.
  mutating func lowerSpatialPart(at position: Int) -> Int? {
    let (groups, end) = SpatialGroup.groups(of: nodes, from: position)
    let isFirst = position == 0
    let layout = layout(for: groups, isFirst: isFirst)
    let first = border(before: 0, groups)
    if isFirst, isFewMaps(groups) {
      // The parts are those of any batch, so that an image's sums over them are the same in any.
      imageParts = Parts(groups[0].output.count, rows: groups[0].output[2])
    }
    if layout == .rows { return lowerInRows(groups[0], border: first) ? end : nil }
    if isFirst {
      let input = groups[0].input
      takeInput(
        as: workspace.activation(
          layout, batch: batch, channels: input[0], height: input[1], width: input[2],
          border: first))
    } else {
      enter(nodes[groups[0].nodes])
      takeAsMaps(groups[0].input)
      if layout == .channelsLast { lowerToChannelsLast(border: first) }
      if layout == .batchLast { lowerToBatchLast(border: first) }
    }
    let readsPixels = layout == .channelsLast && readsPixels(groups, before: end)
    for (index, group) in groups.enumerated() {
      let border = border(before: index + 1, groups)
      enter(nodes[group.nodes])
      // The last group may write its numbers as the dense layer behind it reads them.
      let isLast = index == groups.count - 1
      let isLowered =
        switch layout {
        case .rows: false
        case .channelsLast:
          lowerInChannelsLast(group, border: border, isLast: isLast && !readsPixels)
        case .batchLast: lowerInBatchLast(group, border: border, isLast: isLast)
        }
      guard isLowered else { return nil }
    }
    // A few sixteens make the tiles of a dense layer; and to learn, it wants each image's numbers together.
    if isTraining || batch < Lowering.leastInSixteens || end == nodes.count {
      lowerFromBatchLast()
    }
    if readsPixels { readAsTheyLie() }
    flatten()
    return end
  }

  /// Takes vectors for the maps that they are, and on the way back maps for vectors.
  private mutating func takeAsMaps(_ shape: Shape) {
    lowerFromBatchLast()
    let vectors = value
    imageParts = nil
    value = vectors.asMaps(
      of: vectors.slot, channels: shape[0], height: shape[1], width: shape[2])
    wayBack { _, dY in vectors.asMaps(of: dY.slot, channels: vectors.channels) }
  }

  /// Images in a batch that is passed on in sixteens from a convolution to a dense layer.
  private static let leastInSixteens = 32

  /// Takes maps without borders for the vectors that they are, and on the way back vectors for maps.
  private mutating func flatten() {
    let maps = value
    value = maps.asMaps(of: maps.slot, channels: maps.channels * maps.height * maps.width)
    wayBack { _, dY in
      maps.asMaps(
        of: dY.slot, channels: maps.channels, height: maps.height, width: maps.width)
    }
  }

  /// Rows and columns of zeros that the group at a position wants around its input.
  private func border(before index: Int, _ groups: [SpatialGroup]) -> Int {
    guard index < groups.count else { return 0 }
    // A function alone gives numbers where it takes them, and with them the border.
    if groups[index].isFunction { return border(before: index + 1, groups) }
    return groups[index].convolution?.recipe.padding ?? 0
  }

  /// Whether there is one convolution, with a function at most, to few maps whose rows fill vectors.
  private func isFewMaps(_ groups: [SpatialGroup]) -> Bool {
    guard groups.count == 1, let (convolution, node) = groups[0].convolution else { return false }
    return convolution.stride == 1 && convolution.depth <= 8 && node.output[2] >= 16
      && groups[0].pooling == nil && groups[0].normalization == nil
  }

  /// The layout in which images are passed from layer to layer.
  private func layout(for groups: [SpatialGroup], isFirst: Bool) -> Layout {
    if isFirst, isFewMaps(groups) {
      return isTraining || batch < Lowering.leastInSixteens ? .rows : .batchLast
    }
    return batch >= 16 && suitSixteens(groups) ? .batchLast : .channelsLast
  }

  /// Whether batches are better passed on in sixteens.
  private func suitSixteens(_ groups: [SpatialGroup]) -> Bool {
    // Few channels fill no vector, sixteen images do. Winograd's method wants channels last, and has to be the
    // same in any batch.
    let isNarrow = groups.allSatisfy { group in
      guard let (recipe, node) = group.convolution else { return true }
      return recipe.depth <= 24 && winogradSize(recipe, node) == nil
    }
    // There is no normalization of sixteens, but at inference it can be part of the kernels before it.
    let isNormalized = groups.contains {
      $0.normalization != nil && (isTraining || $0.convolution == nil)
    }
    return isNarrow && !isNormalized && groups.first?.convolution != nil
  }

  /// Whether the last pixels have their channels last in any batch, fill vectors, and are for a dense layer.
  ///
  /// In training its weights are updated where and as they are.
  private func readsPixels(_ groups: [SpatialGroup], before position: Int) -> Bool {
    guard !isTraining, !suitSixteens(groups), let last = groups.last else { return false }
    return last.output[0] % 16 == 0 && denseLayer(from: position) != nil
  }

  /// The dense layer that takes the numbers of the maps before a position, if all that stands between treats each
  /// number alone.
  func denseLayer(from position: Int) -> Node? {
    let next = nodes[position...].first {
      !($0.isFlattening || ElementwiseKind($0.recipe) != nil)
    }
    return next?.recipe is Dense ? next : nil
  }

  /// Whether a dense layer takes the numbers of the maps before a position as they are.
  func isDense(at position: Int) -> Bool {
    nodes[position...].first { !$0.isFlattening }?.recipe is Dense
  }

  // MARK: - Rows

  /// Lowers the input and the only group in rows.
  private mutating func lowerInRows(_ group: SpatialGroup, border: Int) -> Bool {
    guard let (recipe, node) = group.convolution else { return false }
    let x = Activation(
      slot: workspace.slot(
        max(batch, batch == 1 ? workers : 1)
          * Activation.count(
            .rows, batch: 1, channels: node.input[0], height: node.input[1], width: node.input[2],
            border: border)),
      layout: .rows, batch: batch, channels: node.input[0], height: node.input[1],
      width: node.input[2], border: border)
    takeInput(as: x, localParts: batch == 1 ? imageParts : nil)
    enter(nodes[group.nodes])
    lowerRowsConvolution(recipe, node)
    if let activation = group.activation { lowerActivation(activation) }
    flatten()
    return true
  }

  private mutating func lowerRowsConvolution(_ recipe: Convolution, _ node: Node) {
    let convolution = PlannedConvolution(recipe, node)
    let x = value
    let y = workspace.activation(
      .rows, batch: batch, channels: convolution.depth, height: convolution.outputHeight,
      width: convolution.outputWidth)
    value = y
    let outputs = convolution.depth * convolution.outputArea
    let parts = batch == 1 ? Parts(outputs, rows: convolution.outputWidth) : Parts(batch)
    steps.append(
      RowsConvolutionForward(convolution: convolution, x: x, y: y, parts: parts))
    wayBack { lowering, dY in
      let kernels = recipe.parameterSpecifications(for: node.input)[0].shape.count
      let stride = RowsConvolutionBackward.partStride(convolution)
      let kernelSlot = lowering.workspace.slot(parts.count * stride)
      lowering.gradients.append(
        PartialGradient(
          parameter: convolution.weight, slot: kernelSlot, parts: parts.count, count: kernels,
          stride: stride))
      var biasSlot: Slot?
      if let bias = convolution.bias {
        let isPlain = convolution.biasKind == .perPosition && lowering.batch == 1
        let count = convolution.biasKind == .perPosition ? outputs : convolution.depth
        let stride = isPlain ? 0 : (count + 15) / 16 * 16
        if !isPlain { biasSlot = lowering.workspace.slot(parts.count * stride) }
        lowering.gradients.append(
          PartialGradient(
            parameter: bias, slot: biasSlot ?? dY.slot, parts: isPlain ? 1 : parts.count,
            count: count, stride: stride))
      }
      lowering.steps.append(
        RowsConvolutionBackward(
          convolution: convolution, x: x, dY: dY, parts: parts, kernelGradients: kernelSlot,
          biasGradients: biasSlot))
      return nil
    }
  }
}

extension Lowering.Node {
  /// Whether all it does is to call maps a vector.
  fileprivate var isFlattening: Bool {
    recipe is Flatten || recipe is Reshape && output.rank == 1
  }
}

extension Activation {
  /// The same images as other maps, without a border.
  fileprivate func asMaps(of slot: Slot, channels: Int, height: Int = 1, width: Int = 1)
    -> Activation
  {
    Activation(
      slot: slot, layout: layout, batch: batch, channels: channels, height: height, width: width,
      border: 0)
  }
}

extension PlannedConvolution {
  /// A convolution as a layer of a network has it.
  init(_ recipe: Convolution, _ node: Lowering.Node) {
    inputDepth = node.input[0]
    depth = recipe.depth
    kernelHeight = recipe.kernelHeight
    kernelWidth = recipe.kernelWidth
    stride = recipe.stride
    padding = recipe.padding
    outputHeight = node.output[1]
    outputWidth = node.output[2]
    weight = node.firstTensor
    bias = recipe.bias == .none ? nil : node.firstTensor + 1
    biasKind = recipe.bias
  }
}
