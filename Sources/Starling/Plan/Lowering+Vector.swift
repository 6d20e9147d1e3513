extension Lowering {
  /// Lowers the layer at a position, which takes a vector an image or each number alone; the position behind it,
  /// or nil when no plan knows the layer.
  mutating func lowerVectorPart(at position: Int) -> Int? {
    let node = nodes[position]
    enter(nodes[position...position])
    if !Lowering.takesSixteens(node.recipe) { lowerFromBatchLast() }
    switch node.recipe {
    case is Dense:
      lowerDense(node)
    case is ReLU, is Sigmoid, is Tanh:
      guard let function = ElementwiseKind(node.recipe) else { return nil }
      lowerActivation(function)
    case is Softmax:
      lowerSoftmax()
    case let dropout as Dropout:
      lowerDropout(dropout, node)
    case let normalization as BatchNormalization:
      lowerNormalization(normalization, node)
    case is Reshape, is Flatten:
      // The numbers stay where they are.
      break
    default:
      return nil
    }
    if position + 1 == nodes.count { lowerFromBatchLast() }
    return position + 1
  }

  /// Whether a layer of vectors works on images in sixteens, too.
  private static func takesSixteens(_ recipe: any Recipe) -> Bool {
    recipe is Dense || recipe is Reshape || recipe is Flatten || ElementwiseKind(recipe) != nil
  }

  /// A place for a vector an image.
  mutating func vector(_ count: Int, _ layout: Layout = .rows) -> Activation {
    workspace.activation(layout, batch: batch, channels: count, height: 1, width: 1)
  }

  /// The sizes of a dense layer, whose weights may be a tensor made of its own.
  func denseSizes(_ node: Node, weight: Int? = nil) -> DenseSizes {
    DenseSizes(
      batch: batch, inputs: node.input.count, outputs: node.output.count,
      weight: weight ?? node.firstTensor, bias: node.firstTensor + 1)
  }

  /// The dense layer behind takes pixels as they lie: its weights are put in their order.
  mutating func readAsTheyLie() {
    pixels = value
    takeAsVector()
  }

  /// Takes maps for a vector whose numbers somebody else knows where to find.
  mutating func takeAsVector() {
    value = Activation(
      slot: value.slot, layout: .rows, batch: batch,
      channels: value.channels * value.height * value.width, height: 1, width: 1, border: 0)
  }

  /// The number of a dense layer's weights, as they are or in the order of the pixels that it takes.
  mutating func weight(of node: Node) -> Int {
    guard let pixels else { return node.firstTensor }
    self.pixels = nil
    let copy = derivedTensor(node.input.count * node.output.count)
    pack(
      PixelWeights(
        outputs: node.output.count, channels: pixels.channels,
        positions: pixels.height * pixels.width, weight: node.firstTensor, copy: copy.slot))
    return copy.number
  }

  private mutating func lowerDense(_ node: Node) {
    let sizes = denseSizes(node, weight: weight(of: node))
    let x = value
    let y = vector(sizes.outputs, x.layout)
    value = y
    if isTraining && batch == 1 && updates {
      lowerDenseForOneImage(sizes, x, y)
      return
    }
    let weights = weightRows(sizes)
    let parts = imageParts
    imageParts = nil
    if x.layout == .batchLast {
      let blocks = parts ?? sizes.blocks
      steps.append(DenseForwardSixteens(sizes, weights, blocks: blocks, x: x, y: y))
    } else if isTraining && batch >= 16 && sizes.isLarge {
      let forward = DenseForwardParts(
        sizes, weights, parts: parts ?? Parts(sizes.inputs, rows: 1), x: x.slot, workers: workers,
        in: &workspace)
      steps.append(forward)
      steps.append(DensePartsSum(forward, y: y.slot))
    } else {
      lowerPackedDense(sizes, weights, blocks: parts ?? sizes.blocks, x, y)
    }
    wayBack { lowering, dY in
      lowering.addBiasGradient(of: sizes, dY)
      let dX = node.passesGradientOn ? lowering.vector(sizes.inputs) : nil
      lowering.steps.append(
        DenseBackward(
          sizes: sizes, weights: weights, x: x.slot, dY: dY.slot, dX: dX?.slot,
          in: &lowering.workspace))
      return dX
    }
  }

  private mutating func lowerPackedDense(
    _ sizes: DenseSizes, _ weights: WeightRows, blocks: Parts, _ x: Activation, _ y: Activation
  ) {
    let packing = DensePacking(sizes, in: &workspace)
    pack(PackDense(sizes, weights, packing))
    if batch < 4 {
      let sums = workspace.slot(blocks.count * batch * packing.paddedOutputs)
      steps.append(
        DenseBlocks(
          sizes: sizes, packing: packing, blocks: blocks, x: spread ?? Pixels(x), sums: sums))
      spread = nil
      steps.append(
        DenseBlocksSum(
          sizes: sizes, packing: packing, blockCount: blocks.count, sums: sums, y: y.slot))
    } else {
      steps.append(
        DenseForward(sizes, packing, blocks: blocks, x: Pixels(x), y: y.slot, in: &workspace))
    }
  }

  /// The weights as a copy where many steps are going to use it.
  private mutating func weightRows(_ sizes: DenseSizes) -> WeightRows {
    let weights = WeightRows(
      sizes, isCopied: keepsCopies && updates && sizes.isLarge, in: &workspace)
    if weights.copy != nil {
      preparation.append(CopyWeightRows(weights: weights, isBack: false))
      conclusion.append(CopyWeightRows(weights: weights, isBack: true))
    }
    return weights
  }

  /// One image uses each weight once: the passes are as fast as the cache, and the inputs are split so that a
  /// worker's part of the weights stays in its own.
  private mutating func lowerDenseForOneImage(
    _ sizes: DenseSizes, _ x: Activation, _ y: Activation
  ) {
    // The loops read whole vectors, which must not reach into the next part.
    let shared = sizes.isLarge ? imageParts.flatMap { $0.fillVectors ? $0 : nil } : nil
    imageParts = nil
    let parts =
      shared ?? (sizes.isLarge ? Parts(sizes.inputs, rows: 16) : Parts(sizes.inputs, most: 1))
    let weights = WeightBlocks(sizes, parts, in: &workspace)
    preparation.append(CopyWeightBlocks(weights: weights, isBack: false))
    conclusion.append(CopyWeightBlocks(weights: weights, isBack: true))
    let sums = workspace.slot(parts.count * DenseDotsOne.stride(sizes))
    steps.append(DenseDotsOne(weights: weights, x: x.slot, sums: sums))
    steps.append(DenseSumOne(weights: weights, sums: sums, y: y.slot))
    wayBack { lowering, dY in
      lowering.addBiasGradient(of: sizes, dY)
      let dX = lowering.vector(sizes.inputs)
      lowering.steps.append(
        DenseDescentOne(weights: weights, x: x.slot, dY: dY.slot, dX: dX.slot))
      lowering.imageParts = shared
      return dX
    }
  }

  /// dE/db is dE/dy for one image, and is left where it is.
  private mutating func addBiasGradient(of sizes: DenseSizes, _ dY: Activation) {
    var slot = dY.slot
    if batch > 1 {
      slot = workspace.slot(sizes.outputs)
      steps.append(DenseBiasGradient(sizes: sizes, dY: dY.slot, gradient: slot))
    }
    gradients.append(
      PartialGradient(
        parameter: sizes.bias, slot: slot, parts: 1, count: sizes.outputs, stride: 0))
  }

  private mutating func lowerSoftmax() {
    let (x, y) = (value, vector(value.channels))
    value = y
    steps.append(
      SoftmaxForward(batch: batch, classes: y.channels, x: x.slot, y: y.slot))
    wayBack { lowering, dY in
      let dX = lowering.vector(y.channels)
      lowering.steps.append(
        SoftmaxBackward(
          batch: lowering.batch, classes: y.channels, y: y.slot, dY: dY.slot, dX: dX.slot))
      return dX
    }
  }

  /// There is none at inference, where it is the identity.
  private mutating func lowerDropout(_ dropout: Dropout, _ node: Node) {
    let features = value.channels
    let x = value
    let y = vector(features)
    value = y
    steps.append(
      DropoutStep(
        rate: dropout.rate, layer: node.position, batch: batch, features: features, x: x.slot,
        y: y.slot))
    wayBack { lowering, dY in
      lowering.steps.append(
        DropoutStep(
          rate: dropout.rate, layer: node.position, batch: lowering.batch, features: features,
          x: dY.slot, y: dY.slot, isBackward: true))
      return dY
    }
  }

  /// A feature is a channel of one pixel.
  private mutating func lowerNormalization(_ recipe: BatchNormalization, _ node: Node) {
    let place = Place(shape: [node.output.count, 1, 1], border: 0, isLast: true)
    lowerNormalization(recipe, node, relu: false, pooled: false, place)
  }

  mutating func lowerActivation(_ function: ElementwiseKind) {
    let x = value
    let y = workspace.activation(
      x.layout, batch: batch, channels: x.channels, height: x.height, width: x.width,
      border: x.border)
    value = y
    if batch == 1, let imageParts {
      steps.append(
        ElementwisePartsForward(function: function, x: x.slot, y: y.slot, parts: imageParts))
    } else {
      steps.append(ElementwiseForward(function: function, x: x, y: y))
    }
    wayBack { lowering, dY in
      if lowering.batch == 1, let parts = lowering.imageParts {
        lowering.steps.append(
          ElementwisePartsBackward(function: function, y: y.slot, dY: dY.slot, parts: parts))
      } else {
        lowering.steps.append(ElementwiseBackward(function: function, y: y, dY: dY, dX: dY))
      }
      return dY
    }
  }
}
