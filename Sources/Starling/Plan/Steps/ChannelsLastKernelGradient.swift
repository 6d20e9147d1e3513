import CStarlingKernels

/// dE/dK and dE/dB of a convolution in `channelsLast`: dK = X ⋆ dY, straight from its definition.
///
/// For each row u of the kernels it is a panel: its rows are the numbers (v, i) of a window's row, its columns
/// the kernels, its sum runs over some images and their output positions.
package struct ChannelsLastKernelGradient: Step {
  let convolution: PixelConvolution
  let dY: Pixels
  /// Sums over blocks of images, for ``KernelGradientSum``.
  package let partials: PartialKernels
  private let parts: GradientParts
  private let panels: Panels
  /// Images whose sum is made in one go: as many as stay in the second-level cache.
  private let imagesAtOnce: Int

  /// The step that takes the gradient of the convolution's output.
  package init(
    _ convolution: PixelConvolution, dY: Pixels, in layout: inout WorkspaceLayout,
    for set: InstructionSet = .current
  ) {
    precondition(dY.channelStride == 1, "dE/dY has its channels last")
    self.convolution = convolution
    self.dY = dY
    panels = Panels(set)
    let columns = convolution.columns
    let channels = convolution.input.channels
    let biases = convolution.terms * columns
    let stride = biases + columns
    parts = GradientParts(batch: dY.batch, depth: convolution.depth, floats: stride)
    partials = PartialKernels(
      slot: layout.slot(parts.blocks * stride), parts: parts.blocks, stride: stride,
      biases: biases, kernelStride: 1, rowStride: convolution.kernelWidth * channels * columns,
      columnStride: channels * columns, channelStride: columns)
    imagesAtOnce = max(1, 1 << 16 / (convolution.input.imageStride + dY.imageStride))
  }

  package var task: String { "dE/dK, dE/dB" }
  package var algorithm: String { "direct, channelsLast" }
  package var multiplyAdds: Int { dY.batch * convolution.cost }
  package var bytes: Int { 4 * (convolution.input.count + dY.count + partials.slot.count) }

  /// Each unit is a block of images and a group of kernels.
  package func run(_ memory: Memory, _ worker: Worker) {
    for unit in worker.share(of: parts.units) {
      let images = parts.images(unit)
      var first = images.lowerBound
      while first < images.upperBound {
        let end = min(images.upperBound, first + imagesAtOnce)
        add(
          first..<end, parts.kernels(unit), to: memory[partials[parts.part(unit)]],
          isFirst: first == images.lowerBound, memory)
        first = end
      }
    }
  }

  /// Adds the sum over some images; the first of a block starts the sum.
  private func add(
    _ images: Range<Int>, _ kernels: Range<Int>, to part: UnsafeMutablePointer<Float>,
    isFirst: Bool, _ memory: Memory
  ) {
    let input = convolution.input
    let x = memory[input.slot] + convolution.window(images.lowerBound, 0, 0)
    let slopes = memory[dY.slot] + dY.offset(images.lowerBound, 0, 0)
    var one: Float = 1
    var panel = starling_panel.empty
    panel.end = isFirst ? starling_panel_store : starling_panel_add
    panel.b_vector = panels.lanes
    panel.c_vector = panels.lanes
    panel.count_s = images.count
    panel.count_t = convolution.outputHeight
    panel.count_k = convolution.outputWidth
    panel.b_s = dY.imageStride
    panel.b_t = dY.rowStride
    panel.b_k = dY.pitch
    panel.c_row = convolution.columns
    // Pixels that touch make one run of numbers of a window's row.
    let isRun = input.pitch == input.channels
    let runs = isRun ? 1 : convolution.kernelWidth
    let rows = isRun ? convolution.kernelWidth * input.channels : input.channels
    let blocks = ColumnBlocks(columns: kernels.count, lanes: panels.lanes)
    for block in 0..<blocks.count {
      let column = kernels.lowerBound + blocks.start(block)
      panel.vectors = blocks.vectors(of: block)
      panel.b = UnsafePointer(slopes + column)
      panel.a_row = 1
      panel.a_s = input.imageStride
      panel.a_t = convolution.stride * input.rowStride
      panel.a_k = convolution.stride * input.pitch
      panel.rows = rows
      for u in 0..<convolution.kernelHeight {
        for v in 0..<runs {
          panel.a = UnsafePointer(x + u * input.rowStride + v * input.pitch)
          panel.c = part + u * partials.rowStride + v * partials.columnStride + column
          panels.run(&panel)
        }
      }
      // The bias is a weight whose input is always 1.
      (panel.a_row, panel.a_s, panel.a_t, panel.a_k) = (0, 0, 0, 0)
      panel.rows = 1
      panel.c = part + partials.biases + column
      withUnsafePointer(to: &one) {
        panel.a = $0
        panels.run(&panel)
      }
    }
  }
}
