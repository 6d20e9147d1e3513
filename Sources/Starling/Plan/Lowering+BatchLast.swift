extension Lowering {
  /// Images in rows become sixteens, with the border that the first group wants.
  mutating func lowerToBatchLast(border: Int) {
    let x = value
    let y = workspace.activation(
      .batchLast, batch: batch, channels: x.channels, height: x.height, width: x.width,
      border: border)
    value = y
    steps.append(BatchLastConversion(from: x, to: y))
    wayBack { lowering, dY in
      let dX = lowering.workspace.activation(
        .rows, batch: lowering.batch, channels: x.channels, height: x.height, width: x.width)
      lowering.steps.append(BatchLastConversion(from: dY, to: dX))
      return dX
    }
  }

  /// Sixteens, if there are such, become the images in rows that not every layer can do without.
  mutating func lowerFromBatchLast() {
    guard value.layout == .batchLast else { return }
    let x = value
    let y = workspace.activation(
      .rows, batch: batch, channels: x.channels, height: x.height, width: x.width)
    value = y
    steps.append(BatchLastConversion(from: x, to: y))
    wayBack { lowering, dY in
      let dX = lowering.sixteens(like: x)
      lowering.steps.append(BatchLastConversion(from: dY, to: dX))
      return dX
    }
  }

  private mutating func sixteens(like x: Activation) -> Activation {
    sixteens([x.channels, x.height, x.width], border: x.border)
  }

  private mutating func sixteens(_ shape: Shape, border: Int) -> Activation {
    workspace.activation(
      .batchLast, batch: batch, channels: shape[0], height: shape[1], width: shape[2],
      border: border)
  }

  /// Lowers a group in `batchLast`; false when no plan knows how.
  mutating func lowerInBatchLast(_ group: SpatialGroup, border: Int, isLast: Bool) -> Bool {
    var border = border
    // The conversion to vectors takes no border.
    if isLast { border = 0 }
    var (activation, pooling) = (group.activation, group.pooling)
    if let (recipe, node) = group.convolution {
      var tensors = (
        weight: node.firstTensor, bias: recipe.bias == .none ? nil : node.firstTensor + 1
      )
      var kind = recipe.bias
      if let (normalization, normalized) = group.normalization {
        guard !isTraining else { return false }
        let folded = fold(
          normalization, normalized, into: recipe, node, tensors.weight, tensors.bias)
        tensors = (folded.0, folded.1)
        if kind == .none { kind = .perChannel }
      }
      let convolution = BatchLastConvolution(
        x: value, depth: recipe.depth, kernelHeight: recipe.kernelHeight,
        kernelWidth: recipe.kernelWidth, stride: recipe.stride, padding: recipe.padding, bias: kind)
      let relu = activation == .relu
      let endsHere = activation == nil || relu
      if endsHere { activation = nil }
      if endsHere, let end = pooling, end.kind == .max, end.isHalving, convolution.canPool {
        pooling = nil
        lowerPooledConvolution(
          convolution, tensors, relu: relu, passesGradientOn: node.passesGradientOn,
          sixteens(group.output, border: border))
      } else {
        lowerConvolution(
          convolution, tensors, relu: relu, passesGradientOn: node.passesGradientOn,
          sixteens(node.output, border: pooling == nil ? border : 0))
      }
    } else if group.normalization != nil {
      return false
    }
    if let activation { lowerActivation(activation) }
    if let pooling { lowerPooling(pooling, sixteens(group.output, border: border)) }
    return true
  }

  private mutating func lowerPooledConvolution(
    _ convolution: BatchLastConvolution, _ tensors: (weight: Int, bias: Int?), relu: Bool,
    passesGradientOn: Bool, _ y: Activation
  ) {
    let passes = isTraining && passesGradientOn
    let packing = BatchLastPacking(
      convolution, weight: tensors.weight, backward: passes ? .byWinner : nil, in: &workspace)
    pack(packing)
    value = y
    let step = BatchLastPooledForward(
      convolution, kernels: packing.forward, bias: tensors.bias, relu: relu, y: y,
      isTraining: isTraining, in: &workspace)
    steps.append(step)
    wayBack { lowering, dY in
      guard let winners = step.winners else { return nil }
      lowering.addOutputGradient(
        convolution, tensors.bias, dY, relu: relu ? y : nil)
      lowering.addKernelGradient(convolution, tensors.weight, dY, winners: winners)
      guard let kernels = packing.backward else { return nil }
      let dX = lowering.sixteens(like: convolution.x)
      lowering.steps.append(
        BatchLastPooledInputGradient(
          convolution, dY: dY, winners: winners, kernels: kernels, dX: dX))
      return dX
    }
  }

  private mutating func lowerConvolution(
    _ convolution: BatchLastConvolution, _ tensors: (weight: Int, bias: Int?), relu: Bool,
    passesGradientOn: Bool, _ y: Activation
  ) {
    let passes = isTraining && passesGradientOn
    let packing = BatchLastPacking(
      convolution, weight: tensors.weight, backward: passes ? .turned : nil, in: &workspace)
    pack(packing)
    value = y
    steps.append(
      BatchLastForward(
        convolution, kernels: packing.forward, bias: tensors.bias, relu: relu, y: y))
    wayBack { lowering, dY in
      lowering.addOutputGradient(
        convolution, tensors.bias, dY, relu: relu ? y : nil)
      lowering.addKernelGradient(convolution, tensors.weight, dY, winners: nil)
      guard let kernels = packing.backward else { return nil }
      let dX = lowering.sixteens(like: convolution.x)
      let spread = BatchLastSpread(convolution, dY: dY, in: &lowering.workspace)
      lowering.steps.append(spread)
      lowering.steps.append(
        BatchLastInputGradient(convolution, spread: spread.spread, kernels: kernels, dX: dX))
      return dX
    }
  }

  private mutating func addOutputGradient(
    _ convolution: BatchLastConvolution, _ bias: Int?, _ dY: Activation,
    relu: Activation?
  ) {
    guard bias != nil || relu != nil else { return }
    let count =
      convolution.bias == .perPosition
      ? convolution.depth * convolution.outputHeight * convolution.outputWidth : convolution.depth
    let slot = bias.map { _ in workspace.slot(count) }
    steps.append(
      BatchLastOutputGradient(convolution, dY: dY, relu: relu, gradient: slot))
    if let bias, let slot { addGradient(of: bias, slot) }
  }

  private mutating func addKernelGradient(
    _ convolution: BatchLastConvolution, _ weight: Int, _ dY: Activation, winners: PoolingWinners?
  ) {
    let slot = workspace.slot(convolution.depth * convolution.terms)
    steps.append(
      BatchLastKernelGradient(
        convolution, dY: dY, winners: winners, gradient: slot, in: &workspace))
    addGradient(of: weight, slot)
  }

  private mutating func lowerPooling(_ pooling: SpatialGroup.Pooling, _ y: Activation) {
    let x = value
    value = y
    let window = PoolingWindow(
      pooling.kind == .max ? .max : .average, size: pooling.size, stride: pooling.stride)
    let step = PoolingForward(
      window, x: x.inChannelsLast, y: y.inChannelsLast, isTraining: isTraining, in: &workspace)
    steps.append(step)
    wayBack { lowering, dY in
      let dX = lowering.sixteens(like: x)
      lowering.steps.append(
        PoolingBackward(
          of: step, dY: dY.inChannelsLast, dX: dX.inChannelsLast, workers: lowering.workers,
          in: &lowering.workspace))
      return dX
    }
  }
}
