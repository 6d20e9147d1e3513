import CStarlingKernels

/// dE/dY laid out so that dE/dX is a correlation: with a border as wide as a kernel reaches, and with the
/// zeros that a stride leaves between two outputs.
///
/// A unit is a map of sixteen images. The border and the zeros between are those that the workspace began
/// with.
package struct BatchLastSpread: Step {
  /// Where it goes.
  package let spread: Activation

  private let convolution: BatchLastConvolution
  private let dY: Activation

  package init(
    _ convolution: BatchLastConvolution, dY: Activation, in layout: inout WorkspaceLayout
  ) {
    self.convolution = convolution
    self.dY = dY
    spread = layout.activation(
      .batchLast, batch: dY.batch, channels: dY.channels,
      height: convolution.x.height + convolution.kernelHeight - 1,
      width: convolution.x.width + convolution.kernelWidth - 1)
  }

  package var task: String { "layout" }
  package var algorithm: String { "dE/dY with a border" }
  package var multiplyAdds: Int { 0 }
  package var bytes: Int { 8 * dY.imageBlocks * dY.imageStride }

  package func run(_ memory: Memory, _ worker: Worker) {
    let (from, to) = (BatchLastStrides(dY), BatchLastStrides(spread))
    let stride = convolution.stride
    let top = convolution.kernelHeight - 1 - convolution.padding
    let left = convolution.kernelWidth - 1 - convolution.padding
    /// The outputs that land inside: with much padding, the first and last saw nothing but zeros.
    func inside(_ count: Int, _ first: Int, _ length: Int) -> Range<Int> {
      let lower = min(count, first < 0 ? (stride - 1 - first) / stride : 0)
      let upper = first >= length ? 0 : (length - 1 - first) / stride + 1
      return lower..<max(lower, min(count, upper))
    }
    let (lines, columns) = (
      inside(dY.height, top, spread.height), inside(dY.width, left, spread.width)
    )
    for unit in worker.share(of: dY.imageBlocks * dY.channels) {
      let (group, j) = unit.quotientAndRemainder(dividingBy: dY.channels)
      for line in lines {
        let source = memory[dY.slot] + from.place(group, j, row: line)
        let target = memory[spread.slot] + to.place(group, j, row: top + stride * line)
        if stride == 1 {
          (target + 16 * (left + columns.lowerBound))
            .update(from: source + 16 * columns.lowerBound, count: 16 * columns.count)
        } else {
          for column in columns {
            (target + 16 * (left + stride * column)).update(from: source + 16 * column, count: 16)
          }
        }
      }
    }
  }
}

/// dE/dX_i = Σ_j dE/dY_j ∗ K_ji, as the correlation of a spread dE/dY with turned kernels.
///
/// A unit is a row of sixteen images.
package struct BatchLastInputGradient: Step {
  private let convolution: BatchLastConvolution
  private let spread: Activation
  private let kernels: Slot
  private let dX: Activation
  private let row: BatchLastRow

  /// The step for turned kernels.
  package init(
    _ convolution: BatchLastConvolution, spread: Activation, kernels: Slot, dX: Activation,
    set: InstructionSet = .current
  ) {
    self.convolution = convolution
    self.spread = spread
    self.kernels = kernels
    self.dX = dX
    row = BatchLastRow(
      channels: convolution.depth, depth: dX.channels, kernelHeight: convolution.kernelHeight,
      kernelWidth: convolution.kernelWidth, stride: 1, width: dX.width, set: set)
  }

  package var task: String { "dE/dX" }
  package var algorithm: String { "direct, batchLast" }
  package var multiplyAdds: Int {
    dX.batch * convolution.depth * convolution.terms * dX.height * dX.width
  }
  package var bytes: Int {
    4 * dX.imageBlocks * (dX.imageStride + spread.imageStride)
  }

  package func run(_ memory: Memory, _ worker: Worker) {
    let (from, to) = (BatchLastStrides(spread), BatchLastStrides(dX))
    for unit in worker.share(of: dX.imageBlocks * dX.height) {
      let (group, line) = unit.quotientAndRemainder(dividingBy: dX.height)
      row.run(
        x: memory[spread.slot] + from.place(group, 0, row: line), from, kernels: memory[kernels],
        bias: nil, floor: -.infinity, y: memory[dX.slot] + to.place(group, 0, row: line), to)
    }
  }
}

/// dE/dX through 2 × 2 maximum pooling: what each window's winner passes on to the pixels under it.
///
/// Of the four places that a kernel can have under a window, the winner's is looked up for each image, so
/// that a gradient is multiplied (kernel height + 1)(kernel width + 1) times instead of four times the
/// kernel's area. A unit is an input channel of sixteen images.
package struct BatchLastPooledInputGradient: Step {
  private let convolution: BatchLastConvolution
  private let dY: Activation
  private let winners: PoolingWinners
  private let kernels: Slot
  private let dX: Activation
  private let loops: BatchLastLoops

  /// The step for kernels packed by winner; `dX` has a border at least as wide as the padding, which is
  /// overwritten.
  package init(
    _ convolution: BatchLastConvolution, dY: Activation, winners: PoolingWinners, kernels: Slot,
    dX: Activation, set: InstructionSet = .current
  ) {
    precondition(convolution.canPool && dX.border >= convolution.padding)
    self.convolution = convolution
    self.dY = dY
    self.winners = winners
    self.kernels = kernels
    self.dX = dX
    loops = BatchLastLoops(set)
  }

  private var pixels: Int { (convolution.kernelHeight + 1) * (convolution.kernelWidth + 1) }

  package var task: String { "dE/dX" }
  package var algorithm: String { "winners, batchLast" }
  package var multiplyAdds: Int {
    dX.batch * dX.channels * convolution.depth * dY.height * dY.width * pixels
  }
  package var bytes: Int { 4 * dX.imageBlocks * (dX.imageStride + 2 * dY.imageStride) }

  package func run(_ memory: Memory, _ worker: Worker) {
    let (xs, ys) = (BatchLastStrides(dX), BatchLastStrides(dY))
    var leaf = starling_pooled_input_gradient()
    leaf.x_row = xs.row
    leaf.dy_row = ys.row
    leaf.dy_channel = ys.channel
    leaf.winners_row = 16 * dY.width
    leaf.winners_channel = 16 * dY.height * dY.width
    (leaf.rows, leaf.columns, leaf.depth) = (dY.height, dY.width, convolution.depth)
    leaf.taken_kernel = 4 * pixels
    (leaf.kernel_height, leaf.kernel_width) = (convolution.kernelHeight, convolution.kernelWidth)
    for unit in worker.share(of: dX.imageBlocks * dX.channels) {
      let (group, i) = unit.quotientAndRemainder(dividingBy: dX.channels)
      (memory[dX.slot] + group * xs.group + i * xs.channel)
        .update(repeating: 0, count: xs.channel)
      let place = xs.place(group, i, row: -convolution.padding, column: -convolution.padding)
      leaf.dx = memory[dX.slot] + place
      leaf.dy = UnsafePointer(memory[dY.slot] + ys.place(group, 0))
      leaf.winners = UnsafePointer(
        memory.bytes(winners.slot) + winners.offset(group * convolution.depth, 0, 0))
      leaf.taken = UnsafePointer(memory[kernels] + i * convolution.depth * leaf.taken_kernel)
      loops.table.pooled_input_gradient(&leaf)
    }
  }
}
