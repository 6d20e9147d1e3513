/// Copies a convolution's kernels and biases from the network's tensors to the order that a panel reads them in.
///
/// Kernels: [block of columns][u][v][i][column], whose columns are the kernels j; so that a block's part is
/// read from its beginning to its end for each output. Biases: [column], or [row][column of the image][column].
/// Zeros fill up the columns behind the last kernel.
package struct ChannelsLastPack: Step {
  /// Where the packed kernels and biases are; no biases where the convolution has none.
  package let kernels: Slot, biases: Slot?
  /// Whether each output position has a bias of its own.
  package let hasBiasPerPosition: Bool
  /// The convolution that wants them.
  package let convolution: PixelConvolution
  /// How the kernels are cut.
  let blocks: ColumnBlocks
  private let weight: Int, bias: Int?
  /// Whether the kernels are turned by 180° and change their input for their output channels, as dE/dX wants them.
  private let isTurned: Bool

  /// Room for the kernels of parameter `weight`, and for the biases of parameter `bias`.
  package init(
    _ convolution: PixelConvolution, weight: Int, bias: Int?, perPosition: Bool = false,
    in layout: inout WorkspaceLayout, for set: InstructionSet = .current
  ) {
    self.convolution = convolution
    (self.weight, self.bias) = (weight, bias)
    isTurned = false
    hasBiasPerPosition = bias != nil && perPosition
    blocks = ColumnBlocks(columns: convolution.depth, lanes: Panels(set).lanes)
    kernels = layout.slot(convolution.terms * convolution.columns)
    let positions = perPosition ? convolution.outputHeight * convolution.outputWidth : 1
    biases = bias == nil ? nil : layout.slot(positions * convolution.columns)
  }

  /// Room for the kernels of parameter `weight`, turned: a convolution with them takes dE/dY to dE/dX.
  init(
    turned weight: Int, for convolution: PixelConvolution, in layout: inout WorkspaceLayout,
    for set: InstructionSet
  ) {
    self.convolution = convolution
    (self.weight, bias, biases) = (weight, nil, nil)
    isTurned = true
    hasBiasPerPosition = false
    blocks = ColumnBlocks(columns: convolution.depth, lanes: Panels(set).lanes)
    kernels = layout.slot(convolution.terms * convolution.columns)
  }

  package var task: String { "pack" }
  package var algorithm: String { "channelsLast" }
  package var multiplyAdds: Int { 0 }
  package var bytes: Int { 4 * (2 * kernels.count + 2 * (biases?.count ?? 0)) }

  /// Each unit is an input channel of a block of kernels.
  package func run(_ memory: Memory, _ worker: Worker) {
    for unit in worker.share(of: blocks.count * convolution.input.channels) {
      let (block, channel) = unit.quotientAndRemainder(dividingBy: convolution.input.channels)
      pack(block, channel, from: memory.parameters[weight], to: memory[kernels])
    }
    guard let bias, let biases else { return }
    let positions = hasBiasPerPosition ? convolution.outputHeight * convolution.outputWidth : 1
    for j in worker.share(of: convolution.depth) {
      let from = memory.parameters[bias] + j * positions
      let to = memory[biases] + j
      for position in 0..<positions { to[position * convolution.columns] = from[position] }
    }
  }

  /// Writes whole lines of cache, and reads as many rows of numbers side by side as a block has columns.
  private func pack(
    _ block: Int, _ channel: Int, from weight: UnsafePointer<Float>,
    to packed: UnsafeMutablePointer<Float>
  ) {
    let channels = convolution.input.channels
    let area = convolution.kernelHeight * convolution.kernelWidth
    let width = blocks.vectors(of: block) * blocks.lanes
    let first = blocks.start(block)
    let count = min(width, convolution.depth - first)
    let kernelStride = isTurned ? area : channels * area
    let from =
      weight + (isTurned ? (channel * convolution.depth + first) : first * channels + channel)
      * area
    var to = packed + first * convolution.terms + channel * width
    for position in 0..<area {
      let column = from + (isTurned ? area - 1 - position : position)
      for j in 0..<count { to[j] = column[j &* kernelStride] }
      to += channels * width
    }
  }
}
