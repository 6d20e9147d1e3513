import CStarlingKernels

/// dE/dY behind a ReLU, in place, and dE/dB.
///
/// dE/dY is zero where the ReLU gave zero. Where there is one bias a map, its gradient sums over
/// positions; otherwise each position has its own, which sums over the images. A unit is a map of all
/// images.
package struct BatchLastOutputGradient: Step {
  /// What tells where the ReLU gave zero.
  package enum Mask: Hashable, Sendable {
    /// There is no ReLU.
    case none
    /// Its outputs.
    case outputs(Activation)
    /// The winners of a pooled convolution, whose dE/dY is that of the pooled outputs.
    case winners(Slot)
  }

  private let dY: Activation
  private let mask: Mask
  private let bias: Convolution.Bias
  private let gradient: Slot?
  private let sums: Slot
  private let loops: BatchLastLoops

  /// The step for the biases of a convolution; their gradient goes to `gradient`, in the order of the
  /// bias tensor.
  package init(
    _ convolution: BatchLastConvolution, dY: Activation, mask: Mask, gradient: Slot?,
    in layout: inout WorkspaceLayout, set: InstructionSet = .current
  ) {
    precondition((gradient == nil) == (convolution.bias == .none))
    self.dY = dY
    self.mask = mask
    self.gradient = gradient
    bias = convolution.bias
    sums = layout.slot(16 * dY.channels)
    loops = BatchLastLoops(set)
  }

  package var task: String { "dE/dB" }
  package var algorithm: String { "ReLU and sums, batchLast" }
  package var multiplyAdds: Int { 0 }
  package var bytes: Int { 12 * dY.imageBlocks * dY.imageStride }

  package func run(_ memory: Memory, _ worker: Worker) {
    let strides = BatchLastStrides(dY)
    for j in worker.share(of: dY.channels) {
      let sum = memory[sums] + 16 * j
      sum.update(repeating: 0, count: 16)
      for group in 0..<dY.imageBlocks {
        maskAndSum(group, j, strides, memory, sum)
      }
      guard let gradient else { continue }
      if bias == .perPosition {
        for line in 0..<dY.height {
          loops.table.total(
            memory[dY.slot] + strides.place(0, j, row: line), strides.group, dY.imageBlocks,
            memory[gradient] + (j * dY.height + line) * dY.width, dY.width)
        }
      } else {
        loops.table.total(sum, 0, 1, memory[gradient] + j, 1)
      }
    }
  }

  @inline(__always)
  private func maskAndSum(
    _ group: Int, _ j: Int, _ strides: BatchLastStrides, _ memory: Memory,
    _ sum: UnsafeMutablePointer<Float>
  ) {
    var border = dY.border
    if case .outputs(let y) = mask { border = max(border, y.border) }
    // Without borders, a map is a single row.
    let rows = border == 0 ? 1 : dY.height
    let width = dY.height * dY.width / rows
    for line in 0..<rows {
      let gradients = memory[dY.slot] + strides.place(group, j, row: line)
      switch mask {
      case .none:
        loops.table.mask(gradients, nil, width, sum)
      case .outputs(let y):
        let outputs = memory[y.slot] + BatchLastStrides(y).place(group, j, row: line)
        loops.table.mask(gradients, outputs, width, sum)
      case .winners(let winners):
        let map = (group * dY.channels + j) * rows + line
        loops.table.mask_losers(gradients, memory.integers(winners) + 16 * map * width, width, sum)
      }
    }
  }
}
