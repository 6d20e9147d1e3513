import CStarlingKernels

/// Convolution, bias, ReLU if wanted, and 2 × 2 maximum pooling, in one: what loses is never stored.
///
/// A unit is a row of sixteen images of the pooled output. A last row or column without a partner is
/// left out, and not even computed.
package struct BatchLastPooledForward: Step {
  /// Where the largest number of each window was, for each channel of sixteen images; nil when no gradient
  /// will be asked for.
  package let winners: PoolingWinners?

  private let convolution: BatchLastConvolution
  private let kernels: Slot
  private let bias: Int?
  /// Zeros for a layer without biases.
  private let noBias: Slot
  private let y: Activation
  private let floor: Float
  private let loops: BatchLastLoops

  /// The convolution with packed kernels, and the biases that are parameter number `bias`.
  package init(
    _ convolution: BatchLastConvolution, kernels: Slot, bias: Int?, relu: Bool, y: Activation,
    isTraining: Bool, in layout: inout WorkspaceLayout, set: InstructionSet = .current
  ) {
    precondition(convolution.canPool && (bias == nil) == (convolution.bias == .none))
    self.convolution = convolution
    self.kernels = kernels
    self.bias = bias
    self.y = y
    noBias = layout.slot(convolution.depth)
    winners =
      isTraining
      ? PoolingWinners(
        batch: y.imageBlocks * y.channels, channels: 16, height: y.height, width: y.width,
        in: &layout) : nil
    floor = relu ? 0 : -.infinity
    loops = BatchLastLoops(set)
  }

  package var task: String { "forward" }
  package var algorithm: String { "direct and pooled, batchLast" }
  package var multiplyAdds: Int {
    4 * y.batch * y.channels * y.height * y.width * convolution.terms
  }
  package var bytes: Int {
    convolution.inputBytes + 4 * y.imageBlocks * y.imageStride + 4 * (winners?.slot.count ?? 0)
  }

  package func run(_ memory: Memory, _ worker: Worker) {
    let (xs, ys) = (BatchLastStrides(convolution.x), BatchLastStrides(y))
    let channels = convolution.x.channels
    var row = starling_pooled_convolution()
    row.kernels = UnsafePointer(memory[kernels])
    row.kernel = convolution.terms
    row.x_row = xs.row
    row.x_s = xs.row
    row.count_s = convolution.kernelHeight
    if channels == 1 {
      // The same sum, with the columns in the innermost loop.
      (row.count_t, row.count_k, row.x_k) = (1, convolution.kernelWidth, 16)
    } else {
      (row.count_t, row.x_t) = (convolution.kernelWidth, 16)
      (row.count_k, row.x_k) = (channels, xs.channel)
    }
    row.bias = UnsafePointer(bias.map { memory.parameters[$0] } ?? memory[noBias])
    row.depth = convolution.depth
    row.windows = y.width
    row.y_channel = ys.channel
    row.winners_channel = 16 * y.height * y.width
    row.floor = floor
    for unit in worker.share(of: y.imageBlocks * y.height) {
      let (group, line) = unit.quotientAndRemainder(dividingBy: y.height)
      let first = 2 * line - convolution.padding
      row.x = UnsafePointer(
        memory[convolution.x.slot]
          + xs.place(group, 0, row: first, column: -convolution.padding))
      row.y = memory[y.slot] + ys.place(group, 0, row: line)
      row.winners = winners.map {
        memory.bytes($0.slot) + $0.offset(group * y.channels, line, 0)
      }
      loops.table.pooled_convolution(&row)
      for j in 0..<convolution.depth {
        y.clearMissingImages(group, row.y + j * ys.channel, y.width)
      }
    }
  }
}
