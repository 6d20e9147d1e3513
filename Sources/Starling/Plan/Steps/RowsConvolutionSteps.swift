import CStarlingKernels

/// The sizes of a convolution in a plan, and which tensors are its own.
struct PlannedConvolution: Hashable, Sendable {
  let inputDepth, depth, kernelHeight, kernelWidth, stride, padding: Int
  let outputHeight, outputWidth: Int
  /// The numbers of the kernels and of the bias among all tensors of the network.
  let weight: Int
  let bias: Int?
  let biasKind: Convolution.Bias

  var kernelArea: Int { kernelHeight * kernelWidth }
  var outputArea: Int { outputHeight * outputWidth }
  /// Multiply-adds of one pass over one image.
  var multiplyAdds: Int { depth * inputDepth * kernelArea * outputArea }
}

/// Y_j = B_j + Σ X_i ⋆ K_ji in the layout of tensors: for the network's first layer, of few kernels,
/// stride 1, with rows that fill vectors.
///
/// Of a single image each worker has a copy of its own.
struct RowsConvolutionForward: Step {
  let convolution: PlannedConvolution
  let x, y: Activation
  /// The fixed parts of one image's outputs when there is just one image: whole rows.
  let parts: Parts
  var loops = RowsLoops.current
  var panels = Panels.current

  var task: String { "forward" }
  var algorithm: String { "direct, rows" }
  var localParts: Parts? { x.batch == 1 ? parts : nil }
  var multiplyAdds: Int { x.batch * convolution.multiplyAdds }
  var bytes: Int {
    4 * x.batch * (x.imageStride + convolution.depth * convolution.outputArea)
  }

  func run(_ memory: Memory, _ worker: Worker) {
    if x.batch == 1 {
      for part in worker.share(of: parts.count) {
        forEachMap(in: parts[part], convolution) { j, rows in
          map(j, rows, copy: worker.index, memory)
        }
      }
    } else {
      for image in worker.share(of: x.batch) { maps(of: image, memory) }
    }
  }

  /// All maps of an image, a row of all of them at a time: the row's vectors are read once for all kernels.
  private func maps(of image: Int, _ memory: Memory) {
    let c = convolution
    let offset = x.border - c.padding
    let lanes = panels.lanes
    var noBias: Float = 0
    var panel = starling_panel.empty
    panel.a = UnsafePointer(memory.parameters[c.weight])
    panel.a_row = c.inputDepth * c.kernelArea
    (panel.a_s, panel.a_t, panel.a_k) = (c.kernelWidth, 1, c.kernelArea)
    (panel.b_s, panel.b_t, panel.b_k) = (x.fullWidth, 1, x.fullHeight * x.fullWidth)
    (panel.count_s, panel.count_t, panel.count_k) = (c.kernelHeight, c.kernelWidth, c.inputDepth)
    panel.c_row = c.outputArea
    panel.rows = c.depth
    let bias = c.bias.map { memory.parameters[$0] }
    switch c.biasKind {
    case .perPosition:
      panel.end = starling_panel_element_bias
      panel.bias_row = c.outputArea
    case .perChannel:
      panel.end = starling_panel_row_bias
      panel.bias_row = 1
    case .none:
      panel.end = starling_panel_store
    }
    withUnsafePointer(to: &noBias) { noBias in
      for row in 0..<c.outputHeight {
        let from =
          memory[x.slot] + image * x.imageStride + (row + offset) * x.fullWidth + offset
        let to = memory[y.slot] + image * y.imageStride + row * c.outputWidth
        var column = 0
        while column < c.outputWidth {
          // The last two vectors of a row overlap rather than leave it.
          let left = c.outputWidth - column
          let whole = min(panels.widest, left / lanes)
          if whole >= 2 || left == lanes {
            panel.vectors = whole
            (panel.b_vector, panel.c_vector) = (lanes, lanes)
          } else if left > lanes {
            panel.vectors = 2
            (panel.b_vector, panel.c_vector) = (left - lanes, left - lanes)
          } else {
            column = c.outputWidth - lanes
            panel.vectors = 1
          }
          panel.b = UnsafePointer(from + column)
          panel.c = to + column
          panel.bias =
            bias.map { bias in
              UnsafePointer(
                c.biasKind == .perPosition ? bias + row * c.outputWidth + column : bias)
            } ?? noBias
          panels.run(&panel)
          column += panel.vectors == 2 && left < 2 * lanes ? left : panel.vectors * lanes
        }
      }
    }
  }

  /// Some rows of one map of the only image, of which there are copies.
  @inline(__always)
  private func map(_ j: Int, _ rows: Range<Int>, copy: Int, _ memory: Memory) {
    let c = convolution
    let description = c.rows(rows, of: memory[x.slot] + copy * x.imageStride, x)
    let first = j * c.outputArea + rows.lowerBound * c.outputWidth
    let kernel = memory.parameters[c.weight] + j * c.inputDepth * c.kernelArea
    let y = memory[y.slot] + first
    switch (c.biasKind, c.bias) {
    case (.perPosition, let bias?):
      let bias = memory.parameters[bias] + first
      loops.forward(description, kernel, bias, c.outputWidth, 1, y)
    case (.perChannel, let bias?):
      loops.forward(description, kernel, memory.parameters[bias] + j, 0, 0, y)
    default:
      var zero: Float = 0
      loops.forward(description, kernel, &zero, 0, 0, y)
    }
  }
}

/// dE/dK_ji = X_i ⋆ dE/dY_j and dE/dB in the layout of tensors.
///
/// The sums are taken over each fixed part of the images, or of the one image's rows; the update adds the
/// parts in order.
struct RowsConvolutionBackward: Step {
  let convolution: PlannedConvolution
  let x, dY: Activation
  let parts: Parts
  /// dE/dK of each part.
  let kernelGradients: Slot
  /// dE/dB of each part, where it is not dE/dY itself.
  let biasGradients: Slot?
  var loops = RowsLoops.current

  var task: String { "dE/dK, dE/dB" }
  var algorithm: String { "direct, rows" }
  var localParts: Parts? { x.batch == 1 ? parts : nil }
  var multiplyAdds: Int { x.batch * convolution.multiplyAdds }
  var bytes: Int { 4 * x.batch * (x.imageStride + convolution.depth * convolution.outputArea) }

  /// From one part's dE/dK to the next: a multiple of 16, so that two workers never share a cache line, and
  /// the last numbers are scratch for one map of one image.
  static func partStride(_ convolution: PlannedConvolution) -> Int {
    sumCount(convolution) + (convolution.inputDepth * convolution.kernelArea + 15) / 16 * 16
  }

  private static func sumCount(_ convolution: PlannedConvolution) -> Int {
    (convolution.depth * convolution.inputDepth * convolution.kernelArea + 15) / 16 * 16
  }

  func run(_ memory: Memory, _ worker: Worker) {
    let stride = RowsConvolutionBackward.sumCount(convolution)
    let partStride = RowsConvolutionBackward.partStride(convolution)
    for part in worker.share(of: parts.count) {
      let sums = memory[kernelGradients] + part * partStride
      sums.update(repeating: 0, count: stride)
      if x.batch == 1 {
        forEachMap(in: parts[part], convolution) { j, rows in
          add(j, rows, image: 0, copy: worker.index, to: sums, sums + stride, memory)
        }
      } else {
        for image in parts[part] {
          for j in 0..<convolution.depth {
            add(
              j, 0..<convolution.outputHeight, image: image, copy: image, to: sums, sums + stride,
              memory)
          }
        }
      }
      if let biasGradients { addBias(part, biasGradients, memory) }
    }
  }

  @inline(__always)
  private func add(
    _ j: Int, _ rows: Range<Int>, image: Int, copy: Int, to sums: UnsafeMutablePointer<Float>,
    _ scratch: UnsafeMutablePointer<Float>, _ memory: Memory
  ) {
    let c = convolution
    let description = c.rows(rows, of: memory[x.slot] + copy * x.imageStride, x)
    let first = j * c.outputArea + rows.lowerBound * c.outputWidth
    loops.kernelGradient(
      description, memory[dY.slot] + image * dY.imageStride + first, scratch)
    let count = c.inputDepth * c.kernelArea
    let to = sums + j * count
    for k in 0..<count { to[k] += scratch[k] }
  }

  private func addBias(_ part: Int, _ gradients: Slot, _ memory: Memory) {
    let c = convolution
    let count = c.biasKind == .perPosition ? c.depth * c.outputArea : c.depth
    let sums = memory[gradients] + part * ((count + 15) / 16 * 16)
    sums.update(repeating: 0, count: count)
    if x.batch == 1 {
      forEachMap(in: parts[part], c) { j, rows in
        let dY = memory[dY.slot] + j * c.outputArea + rows.lowerBound * c.outputWidth
        sums[j] += VectorLoops.sum(dY, rows.count * c.outputWidth)
      }
      return
    }
    for image in parts[part] {
      let dY = memory[dY.slot] + image * dY.imageStride
      if c.biasKind == .perPosition {
        VectorLoops.addScaled(1, dY, to: sums, count)
      } else {
        for j in 0..<c.depth { sums[j] += VectorLoops.sum(dY + j * c.outputArea, c.outputArea) }
      }
    }
  }
}

extension PlannedConvolution {
  /// Some rows of one image, for the loops.
  @inline(__always)
  func rows(_ rows: Range<Int>, of image: UnsafeMutablePointer<Float>, _ x: Activation)
    -> starling_rows
  {
    let offset = x.border - padding
    return starling_rows(
      x: image + (rows.lowerBound + offset) * x.fullWidth + offset,
      x_plane: x.fullHeight * x.fullWidth, x_row: x.fullWidth,
      channels: inputDepth, kernel_height: kernelHeight, kernel_width: kernelWidth,
      y_row: outputWidth, height: rows.count, width: outputWidth)
  }
}

/// Calls `body` with each output map that a range of an image's numbers touches, and the rows of it that
/// lie in the range, which consists of whole rows.
@inline(__always)
private func forEachMap(
  in numbers: Range<Int>, _ convolution: PlannedConvolution, _ body: (Int, Range<Int>) -> Void
) {
  let height = convolution.outputHeight
  var row = numbers.lowerBound / convolution.outputWidth
  let end = numbers.upperBound / convolution.outputWidth
  while row < end {
    let (j, first) = row.quotientAndRemainder(dividingBy: height)
    let last = min(height, first + end - row)
    body(j, first..<last)
    row += last - first
  }
}
