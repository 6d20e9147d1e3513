import CStarlingKernels

/// dE/dK_ji = X_i ⋆ dE/dY_j, summed over the batch.
///
/// Each image of a sixteen has a sum of its own, over all sixteens; at the end they are added up. Behind
/// 2 × 2 maximum pooling three of four products are known to be zero: each window's winner is chosen from
/// X first, and only it is multiplied. A unit is a few kernels and an input channel.
package struct BatchLastKernelGradient: Step {
  private let convolution: BatchLastConvolution
  private let dY: Activation
  private let winners: PoolingWinners?
  private let gradient: Slot
  private let sums: Slot
  /// Kernels of a unit.
  private let kernels: Int
  private let loops: BatchLastLoops

  /// The step for the gradient `dY` with respect to the outputs, or, where there are winners, to the
  /// pooled outputs; `gradient` is in the order of the kernels' tensor.
  package init(
    _ convolution: BatchLastConvolution, dY: Activation, winners: PoolingWinners?, gradient: Slot,
    in layout: inout WorkspaceLayout, set: InstructionSet = .current
  ) {
    precondition(winners == nil || convolution.canPool)
    self.convolution = convolution
    self.dY = dY
    self.winners = winners
    self.gradient = gradient
    sums = layout.slot(16 * convolution.depth * convolution.terms)
    // Kernels together read X once; but every worker should get a unit.
    kernels = max(1, min(8, convolution.depth * convolution.x.channels / 8))
    loops = BatchLastLoops(set)
  }

  package var task: String { "dE/dK" }
  package var algorithm: String { winners == nil ? "direct, batchLast" : "winners, batchLast" }
  package var multiplyAdds: Int {
    dY.batch * convolution.depth * convolution.terms * dY.height * dY.width
  }
  package var bytes: Int { convolution.inputBytes + 4 * dY.imageBlocks * dY.imageStride }

  package func run(_ memory: Memory, _ worker: Worker) {
    let (x, area) = (convolution.x, convolution.kernelArea)
    let (xs, ys) = (BatchLastStrides(x), BatchLastStrides(dY))
    var leaf = starling_kernel_gradient()
    leaf.x_row = xs.row
    leaf.stride = convolution.stride
    leaf.dy_row = ys.row
    leaf.dy_channel = ys.channel
    leaf.winners_row = 16 * dY.width
    leaf.winners_channel = dY.height * leaf.winners_row
    leaf.columns = dY.width
    (leaf.kernel_height, leaf.kernel_width) = (convolution.kernelHeight, convolution.kernelWidth)
    // Input rows that stay in the first-level cache while each tile of taps reads them anew.
    let step = winners == nil ? convolution.stride : 2
    let lines = max(1, (24 * 1024 / (4 * xs.row) - convolution.kernelHeight) / step)
    let blocks = (convolution.depth + kernels - 1) / kernels
    for unit in worker.share(of: x.channels * blocks) {
      let (i, block) = unit.quotientAndRemainder(dividingBy: blocks)
      let first = block * kernels
      leaf.depth = min(kernels, convolution.depth - first)
      leaf.sums = memory[sums] + 16 * (i * convolution.depth + first) * area
      leaf.sums.update(repeating: 0, count: 16 * leaf.depth * area)
      for group in 0..<dY.imageBlocks {
        for line in Swift.stride(from: 0, to: dY.height, by: lines) {
          leaf.rows = min(lines, dY.height - line)
          let (row, column) = (step * line - convolution.padding, -convolution.padding)
          leaf.x = UnsafePointer(memory[x.slot] + xs.place(group, i, row: row, column: column))
          leaf.dy = UnsafePointer(memory[dY.slot] + ys.place(group, first, row: line))
          leaf.winners = winners.map {
            UnsafePointer(
              memory.bytes($0.slot) + $0.offset(group * convolution.depth + first, line, 0))
          }
          loops.table.kernel_gradient(&leaf)
        }
      }
      for j in 0..<leaf.depth {
        let kernel = memory[gradient] + ((first + j) * x.channels + i) * area
        for tap in 0..<area {
          kernel[tap] = VectorLoops.load(leaf.sums + 16 * (j * area + tap)).sumByHalves
        }
      }
    }
  }
}
