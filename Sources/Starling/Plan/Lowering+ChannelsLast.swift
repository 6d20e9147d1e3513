extension Lowering {
  /// Lowers a group in `channelsLast`, with a border for the next one; false when no plan knows how.
  ///
  /// What can be fused is: a ReLU and halving max pooling into the convolution, or into the normalization
  /// between them; at inference the normalization into the kernels.
  mutating func lowerInChannelsLast(_ group: SpatialGroup, border: Int, isLast: Bool) -> Bool {
    let stages = ChannelsLastStage.stages(of: group, isTraining: isTraining)
    for (index, stage) in stages.enumerated() {
      let isEnd = index == stages.count - 1
      // With the same border before and behind a normalization its way back can do without a copy.
      let place = Place(
        shape: stage.output, border: isEnd || group.pooling == nil ? border : 0,
        isLast: isLast && isEnd && !isOneForInference)
      switch stage.kind {
      case .convolution(let recipe, let node, let normalization, let relu, let pooled):
        lowerConvolution(recipe, node, normalization, relu: relu, pooled: pooled, place)
      case .normalization(let recipe, let node, let relu, let pooled):
        lowerNormalization(recipe, node, relu: relu, pooled: pooled, place)
      case .activation(let function):
        lowerActivation(function)
      case .pooling(let pooling):
        lowerPooling(pooling, place)
      }
    }
    if isLast, value.layout == .channelsLast { lowerToRows(behind: group) }
    return true
  }

  /// Whether workers share one image, and would write to the same lines of cache if they wrote rows.
  private var isOneForInference: Bool { batch == 1 && !isTraining }

  /// Where what a stage gives is to go.
  struct Place {
    let shape: Shape
    let border: Int
    /// Whether a layer of vectors reads it.
    let isLast: Bool
  }

  private mutating func activation(_ layout: Layout, _ place: Place) -> Activation {
    workspace.activation(
      layout, batch: batch, channels: place.shape[0], height: place.shape[1],
      width: place.shape[2], border: layout == .rows ? 0 : place.border)
  }

  /// A gradient's place, with the geometry of the activation that it is the gradient of.
  private mutating func gradient(of x: Activation) -> Activation {
    workspace.activation(
      x.layout, batch: batch, channels: x.channels, height: x.height, width: x.width,
      border: x.border)
  }

  // MARK: - Convolution

  private mutating func lowerConvolution(
    _ recipe: Convolution, _ node: Node, _ normalization: (BatchNormalization, Node)?,
    relu: Bool, pooled: Bool, _ place: Place
  ) {
    var (weight, bias) = (node.firstTensor, recipe.bias == .none ? nil : node.firstTensor + 1)
    if let (normalization, normalized) = normalization {
      (weight, bias) = fold(normalization, normalized, into: recipe, node, weight, bias)
    }
    let size = winogradSize(recipe, node)
    if let size {
      lowerByWinograd(
        size, recipe, weight: weight, bias: bias, relu: relu, pooled: pooled,
        passesGradientOn: node.passesGradientOn, place)
    } else {
      lowerDirectly(
        recipe, weight: weight, bias: bias, relu: relu, pooled: pooled,
        passesGradientOn: node.passesGradientOn, place)
    }
  }

  /// The tile of Winograd's method for a convolution; nil where it is computed as it is defined.
  ///
  /// It depends on the layer alone, not on the batch: an image's outputs have the same bits in any batch.
  func winogradSize(_ recipe: Convolution, _ node: Node) -> WinogradSize? {
    guard recipe.kernelHeight == 3, recipe.kernelWidth == 3, recipe.stride == 1,
      recipe.padding <= 2, recipe.bias != .perPosition,
      node.input[0] >= 12, recipe.depth >= 12
    else { return nil }
    let (height, width) = (node.output[1], node.output[2])
    guard height >= 4, width >= 4 else { return nil }
    // A small image leaves much of a large tile empty.
    return purpose.isExact || min(height, width) < 8 ? .small : .large
  }

  private mutating func lowerByWinograd(
    _ size: WinogradSize, _ recipe: Convolution, weight: Int, bias: Int?, relu: Bool, pooled: Bool,
    passesGradientOn: Bool, _ place: Place
  ) {
    let x = value
    let packing = WinogradPackKernels(
      size, depth: recipe.depth, inputDepth: x.channels, weight: weight, bias: bias,
      in: &workspace)
    pack(packing)
    let y = activation(.channelsLast, place)
    value = y
    let winners = pooled && isTraining ? winners(of: y) : nil
    let end: WinogradForward.End =
      pooled ? .pooling(relu: relu, positions: winners?.slot) : relu ? .relu : .none
    addWinograd(x, padding: recipe.padding, packing.kernels, end, to: y)
    let way = ConvolutionWay(
      recipe: recipe, x: x, y: y, weight: weight, bias: bias, relu: relu, winners: winners,
      passesGradientOn: passesGradientOn)
    wayBack { lowering, dY in lowering.lowerBack(way, dY, by: size) }
  }

  private mutating func addWinograd(
    _ x: Activation, padding: Int, _ kernels: WinogradKernels, _ end: WinogradForward.End,
    to y: Activation
  ) {
    let step = WinogradForward(
      x, padding: padding, kernels, end, to: y, workers: workers, sharing: sharedScratch,
      in: &workspace)
    share(step.scratch)
    steps.append(step)
  }

  private mutating func lowerDirectly(
    _ recipe: Convolution, weight: Int, bias: Int?, relu: Bool, pooled: Bool,
    passesGradientOn: Bool, _ place: Place
  ) {
    let x = value
    let packed = ChannelsLastPack(
      PixelConvolution(x, recipe), weight: weight, bias: bias,
      perPosition: recipe.bias == .perPosition, in: &workspace)
    pack(packed)
    var winners: PoolingWinners?
    if pooled {
      let y = activation(place.isLast ? .rows : .channelsLast, place)
      value = y
      winners = isTraining ? self.winners(of: y) : nil
      steps.append(
        ChannelsLastForwardPooled(
          packed, to: Pixels(y), winners: winners, isReLU: relu, in: &workspace, workers: workers))
    } else {
      let y = activation(.channelsLast, place)
      value = y
      steps.append(
        ChannelsLastForward(
          packed, to: Pixels(y), isReLU: relu, in: &workspace, workers: workers))
    }
    let way = ConvolutionWay(
      recipe: recipe, x: x, y: value, weight: weight, bias: bias, relu: relu, winners: winners,
      passesGradientOn: passesGradientOn)
    wayBack { lowering, dY in lowering.lowerBack(way, dY, by: nil) }
  }

  private mutating func winners(of y: Activation) -> PoolingWinners {
    PoolingWinners(
      batch: batch, channels: y.channels, height: y.height, width: y.width, in: &workspace)
  }

  /// What the way back through a convolution has to know.
  struct ConvolutionWay {
    let recipe: Convolution
    let x, y: Activation
    let weight: Int
    let bias: Int?
    let relu: Bool
    let winners: PoolingWinners?
    let passesGradientOn: Bool
  }

  private mutating func lowerBack(
    _ way: ConvolutionWay, _ dY: Activation, by size: WinogradSize?
  ) -> Activation? {
    let convolution = PixelConvolution(way.x, way.recipe)
    let dX = way.passesGradientOn ? gradient(of: way.x) : nil
    if let winners = way.winners {
      let step = SparseKernelGradient(
        convolution, pooledGradient: Pixels(dY), winners: winners, in: &workspace,
        workers: workers)
      steps.append(step)
      addKernelGradient(way, convolution, step.partials)
      if let dX {
        steps.append(
          SparseInputGradient(
            convolution, pooledGradient: Pixels(dY), winners: winners, to: Pixels(dX),
            weight: way.weight, in: &workspace, workers: workers))
      }
      return dX
    }
    if way.relu {
      steps.append(ElementwiseBackward(function: .relu, y: way.y, dY: dY, dX: dY))
    }
    if let size {
      let step = WinogradKernelGradient(
        way.x, padding: way.recipe.padding, dY, size, hasBias: way.bias != nil, workers: workers,
        sharing: sharedScratch, in: &workspace)
      share(step.scratch)
      steps.append(step)
      addGradient(of: way.weight, step.weightGradient)
      if let bias = way.bias, let gradient = step.biasGradient { addGradient(of: bias, gradient) }
    } else {
      let step = ChannelsLastKernelGradient(convolution, dY: Pixels(dY), in: &workspace)
      steps.append(step)
      addKernelGradient(way, convolution, step.partials)
      if way.recipe.bias == .perPosition, let bias = way.bias {
        let step = ChannelsLastPositionBias(dY: Pixels(dY), in: &workspace)
        steps.append(step)
        addGradient(of: bias, step.biases)
      }
    }
    guard let dX else { return nil }
    if let size, dX.pitch % 16 == 0 {
      let packing = WinogradPackKernels(
        size, depth: way.recipe.depth, inputDepth: way.x.channels, forGradient: true,
        weight: way.weight, in: &workspace)
      steps.append(packing)
      addWinograd(dY, padding: 2 - way.recipe.padding, packing.kernels, .none, to: dX)
    } else {
      steps += ChannelsLastInputGradient.steps(
        convolution, dY: Pixels(dY), to: Pixels(dX), weight: way.weight, in: &workspace,
        workers: workers)
    }
    return dX
  }

  private mutating func addKernelGradient(
    _ way: ConvolutionWay, _ convolution: PixelConvolution, _ partials: PartialKernels
  ) {
    let sum = KernelGradientSum(
      convolution, partials, hasBias: way.recipe.bias == .perChannel, in: &workspace)
    steps.append(sum)
    addGradient(of: way.weight, sum.kernels)
    if let bias = way.bias, let biases = sum.biases { addGradient(of: bias, biases) }
  }

  /// At inference a normalization behind a convolution is part of its kernels and biases.
  mutating func fold(
    _ normalization: BatchNormalization, _ normalized: Node, into recipe: Convolution,
    _ node: Node, _ weight: Int, _ bias: Int?
  ) -> (Int, Int?) {
    let count = recipe.depth * node.input[0] * recipe.kernelHeight * recipe.kernelWidth
    let positions = recipe.bias == .perPosition ? node.output[1] * node.output[2] : 1
    let kernels = derivedTensor(count)
    let biases = derivedTensor(recipe.depth * positions)
    pack(
      FoldNormalization(
        depth: recipe.depth, terms: count / recipe.depth, positions: positions,
        epsilon: normalization.epsilon, weight: weight, bias: bias,
        normalization: normalized.firstTensor, kernels: kernels.slot, biases: biases.slot))
    return (kernels.number, biases.number)
  }

  // MARK: - Normalization, pooling, rows

  mutating func lowerNormalization(
    _ recipe: BatchNormalization, _ node: Node, relu: Bool, pooled: Bool, _ place: Place
  ) {
    let x = value
    let y = activation(place.isLast ? .rows : .channelsLast, place)
    value = y
    let step = NormalizationForward(
      x: x, y: y, isReLU: relu, isPooled: pooled, weight: node.firstTensor,
      epsilon: recipe.epsilon,
      from: isTraining ? .batch(momentum: recipe.momentum) : .running, workers: workers,
      in: &workspace)
    steps.append(step)
    wayBack { lowering, dY in
      let isSame = dY.layout == x.layout && dY.height == x.height && dY.border == x.border
      let dX = !node.passesGradientOn ? nil : isSame ? dY : lowering.gradient(of: x)
      let back = NormalizationBackward(
        of: step, dY: dY, dX: dX, workers: lowering.workers, in: &lowering.workspace)
      lowering.steps.append(back)
      lowering.addGradient(of: node.firstTensor, back.weightGradient)
      lowering.addGradient(of: node.firstTensor + 1, back.biasGradient)
      lowering.addGradient(of: node.firstTensor + 2, step.meanGradient, isStatistic: true)
      lowering.addGradient(of: node.firstTensor + 3, step.varianceGradient, isStatistic: true)
      return dX
    }
  }

  private mutating func lowerPooling(_ pooling: SpatialGroup.Pooling, _ place: Place) {
    let x = value
    let y = activation(place.isLast ? .rows : .channelsLast, place)
    value = y
    let window = PoolingWindow(
      pooling.kind == .max ? .max : .average, size: pooling.size, stride: pooling.stride)
    let step = PoolingForward(window, x: x, y: y, isTraining: isTraining, in: &workspace)
    steps.append(step)
    wayBack { lowering, dY in
      let dX = lowering.gradient(of: x)
      lowering.steps.append(
        PoolingBackward(
          of: step, dY: dY, dX: dX, workers: lowering.workers, in: &lowering.workspace))
      return dX
    }
  }

  /// Maps in rows become pixels, with the border that the first group wants.
  mutating func lowerToChannelsLast(border: Int) {
    let x = value
    let y = activation(
      .channelsLast, Place(shape: [x.channels, x.height, x.width], border: border, isLast: false))
    value = y
    steps.append(ChannelsLastConversion(from: x, to: y))
    wayBack { lowering, dY in
      let dX = lowering.gradient(of: x)
      lowering.steps.append(ChannelsLastConversion(from: dY, to: dX))
      return dX
    }
  }

  /// Pixels become the vectors that a dense layer reads.
  private mutating func lowerToRows(behind group: SpatialGroup) {
    let x = value
    let next = denseLayer(from: group.nodes.upperBound)
    let parts = next.map { denseSizes($0) }.flatMap { $0.isLarge ? $0.blocks : nil }
    if isOneForInference, let parts, parts.consist(ofWhole: x.height * x.width),
      isDense(at: group.nodes.upperBound)
    {
      spread = Pixels(x)
      return takeAsVector()
    }
    let y = activation(
      .rows, Place(shape: [x.channels, x.height, x.width], border: 0, isLast: true))
    value = y
    if isOneForInference, let parts { imageParts = parts }
    steps.append(ChannelsLastConversion(from: x, to: y, localParts: imageParts))
    wayBack { lowering, dY in
      let dX = lowering.gradient(of: x)
      lowering.steps.append(ChannelsLastConversion(from: dY, to: dX))
      return dX
    }
  }
}

extension PixelConvolution {
  /// The convolution of activations that a recipe asks for.
  init(_ x: Activation, _ recipe: Convolution) {
    self.init(
      Pixels(x), depth: recipe.depth, kernelHeight: recipe.kernelHeight,
      kernelWidth: recipe.kernelWidth, stride: recipe.stride, padding: recipe.padding)
  }
}
