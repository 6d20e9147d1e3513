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

  /// Each unit is a kernel.
  package func run(_ memory: Memory, _ worker: Worker) {
    let positions = hasBiasPerPosition ? convolution.outputHeight * convolution.outputWidth : 1
    for j in worker.share(of: convolution.depth) {
      pack(kernel: j, from: memory.parameters[weight], to: memory[kernels])
      if let bias, let biases {
        let from = memory.parameters[bias] + j * positions
        let to = memory[biases] + j
        for position in 0..<positions { to[position * convolution.columns] = from[position] }
      }
    }
  }

  private func pack(
    kernel j: Int, from weight: UnsafePointer<Float>, to packed: UnsafeMutablePointer<Float>
  ) {
    let block = blocks.block(of: j)
    let width = blocks.vectors(of: block) * blocks.lanes
    let area = convolution.kernelHeight * convolution.kernelWidth
    let channels = convolution.input.channels
    let to = packed + blocks.start(block) * convolution.terms + j - blocks.start(block)
    for i in 0..<channels {
      let from = weight + (isTurned ? i * convolution.depth + j : j * channels + i) * area
      for position in 0..<area {
        to[(position * channels + i) * width] = from[isTurned ? area - 1 - position : position]
      }
    }
  }
}
