extension Lowering {
  /// Lowers the input and the layers that take images; the position of the first layer that takes a vector,
  /// or nil when no plan knows a layer.
  mutating func lowerSpatialPart(targets: Slot?, classes: Int) -> Int? {
    let input = nodes[0].input
    guard input.rank == 3, let first = nodes[0].recipe as? Convolution else {
      value = vector(input.count)
      steps.append(InputStep(x: value, targets: targets, classes: classes))
      return 0
    }
    let padding = 0
    value = workspace.activation(
      .rows, batch: batch, channels: input[0], height: input[1], width: input[2], border: padding)
    steps.append(InputStep(x: value, targets: targets, classes: classes))
    lowerRowsConvolution(first, nodes[0])
    return 1
  }

  /// Numbers from one row of the images to the next, in rows: parts of an image are whole rows.
  var rowLength: Int { value.layout == .rows ? value.width : 1 }

  private mutating func lowerRowsConvolution(_ recipe: Convolution, _ node: Node) {
    let convolution = PlannedConvolution(recipe, node)
    let x = value
    let y = workspace.activation(
      .rows, batch: batch, channels: convolution.depth, height: convolution.outputHeight,
      width: convolution.outputWidth)
    value = y
    let outputs = convolution.depth * convolution.outputArea
    let parts =
      batch == 1 ? Parts(outputs, rows: convolution.outputWidth) : Parts(batch)
    steps.append(
      RowsConvolutionForward(
        convolution: convolution, x: x, y: y, floor: -.infinity, parts: parts))
    wayBack.append { lowering, dY in
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

extension PlannedConvolution {
  /// A convolution as a layer of a network has it.
  init(_ recipe: Convolution, _ node: Lowering.Node) {
    inputDepth = node.input[0]
    depth = recipe.depth
    kernelHeight = recipe.kernelHeight
    kernelWidth = recipe.kernelWidth
    stride = 1
    padding = 0
    outputHeight = node.output[1]
    outputWidth = node.output[2]
    weight = node.firstTensor
    bias = recipe.bias == .none ? nil : node.firstTensor + 1
    biasKind = recipe.bias
  }
}
