import CStarlingKernels

/// dE/dX of a convolution whose output went through max pooling over 2×2, and perhaps through ReLU and dropout.
///
/// Of the four outputs of a pooling window at most one has a gradient. For each output position the kernels
/// are picked that won there, and the window of X that the output was made from gets their sum, each times
/// its gradient: dX[window] += Σ_j dY_j · K_j, over the few j alone. The kernels stand as they are; it is
/// scattering that takes the place of the rotation.
package struct SparseInputGradient: Step {
  let convolution: PixelConvolution
  let pooled: Pixels
  let winners: PoolingWinners
  let output: Pixels
  private let weight: Int
  /// The kernels, [j][u][(v, i), up to whole vectors].
  private let kernels: Slot
  private let rowVectors: Int
  private let loops: SparseLoops
  /// For each worker dE/dX of an image, padded; and the terms of a pooled position, a list for each winner.
  private let image: WorkerScratch, lists: TermLists
  /// Kernels whose terms are collected at a time.
  private let mostKernels: Int

  /// The step that takes the gradient of the pooled activations and writes the interior of `output`.
  ///
  /// The kernels are parameter `weight`.
  package init(
    _ convolution: PixelConvolution, pooledGradient: Pixels, winners: PoolingWinners,
    to output: Pixels, weight: Int, in layout: inout WorkspaceLayout, workers: Int,
    for set: InstructionSet = .current
  ) {
    self.convolution = convolution
    (pooled, self.winners, self.output) = (pooledGradient, winners, output)
    self.weight = weight
    loops = SparseLoops(set)
    let input = convolution.input
    rowVectors = (convolution.kernelWidth * input.channels + loops.lanes - 1) / loops.lanes
    kernels = layout.slot(
      convolution.depth * convolution.kernelHeight * rowVectors * loops.lanes)
    let positions =
      (input.height + 2 * convolution.padding) * (input.width + 2 * convolution.padding)
    image = WorkerScratch(positions * input.channels, workers: workers, in: &layout)
    mostKernels = min(convolution.depth, 512)
    lists = TermLists(4 * pooled.width, of: mostKernels, workers: workers, in: &layout)
  }

  package var task: String { "dE/dX" }
  package var algorithm: String { "sparse through pooling, channelsLast" }
  package var multiplyAdds: Int {
    pooled.batch * pooled.height * pooled.width * convolution.depth * convolution.kernelHeight
      * rowVectors * loops.lanes
  }
  package var bytes: Int { 4 * (pooled.count + kernels.count + output.count) + winners.slot.count }

  /// Packs the kernels, then takes an image as a unit.
  package func run(_ memory: Memory, _ worker: Worker) {
    pack(memory, worker)
    worker.barrier()
    for image in worker.share(of: pooled.batch) {
      gather(image, memory, worker)
      copy(image, memory, worker)
    }
  }

  private func pack(_ memory: Memory, _ worker: Worker) {
    let (columns, channels) = (convolution.kernelWidth, convolution.input.channels)
    for j in worker.share(of: convolution.depth) {
      let kernel = convolution.kernelHeight * columns * channels
      var from = UnsafePointer(memory.parameters[weight] + j * kernel)
      for i in 0..<channels {
        for u in 0..<convolution.kernelHeight {
          let row = memory[kernels] + j * kernelStride + u * rowVectors * loops.lanes + i
          for v in 0..<columns {
            row[v * channels] = from.pointee
            from += 1
          }
        }
      }
    }
  }

  /// dE/dX of an image, padded and with its pixels as narrow as they can be, in the worker's own floats.
  private func gather(_ image: Int, _ memory: Memory, _ worker: Worker) {
    let dX = memory[self.image, worker]
    dX.update(
      repeating: 0, count: rowStride * (convolution.input.height + 2 * convolution.padding))
    for first in stride(from: 0, to: convolution.depth, by: mostKernels) {
      let kernels = first..<min(convolution.depth, first + mostKernels)
      for row in 0..<pooled.height {
        collect(image, row, kernels, memory, worker)
        addWindows(row, kernels, to: dX, memory, worker)
      }
    }
  }

  private var kernelStride: Int { convolution.kernelHeight * rowVectors * loops.lanes }

  /// For each pooled pixel of a row, four lists of the kernels that won.
  private func collect(
    _ image: Int, _ row: Int, _ kernels: Range<Int>, _ memory: Memory, _ worker: Worker
  ) {
    var sort = starling_sort()
    sort.gradient_channel = pooled.channelStride
    sort.channel_step = Int32(kernelStride)
    sort.channels = kernels.count
    for column in 0..<pooled.width {
      lists.place(&sort, from: 4 * column, memory, worker)
      sort.lengths.update(repeating: 0, count: 4)
      sort.gradient = UnsafePointer(
        memory[pooled.slot] + pooled.offset(image, row, column)
          + kernels.lowerBound * pooled.channelStride)
      sort.winners = UnsafePointer(
        memory.bytes(winners.slot) + winners.offset(image, row, column) + kernels.lowerBound)
      loops.sortByWinner(&sort)
    }
  }

  /// Adds the kernels of each list to the window that the list's winner has.
  private func addWindows(
    _ row: Int, _ kernels: Range<Int>, to dX: UnsafeMutablePointer<Float>, _ memory: Memory,
    _ worker: Worker
  ) {
    var sort = starling_sort()
    lists.place(&sort, memory, worker)
    var sum = starling_block_sum()
    sum.from = UnsafePointer(memory[self.kernels] + kernels.lowerBound * kernelStride)
    sum.from_row = rowVectors * loops.lanes
    sum.to_row = rowStride
    sum.rows = convolution.kernelHeight
    sum.vectors = rowVectors
    for list in 0..<4 * pooled.width {
      sum.count = Int(sort.lengths[list])
      guard sum.count > 0 else { continue }
      sum.factors = UnsafePointer(sort.factors + list * sort.capacity)
      sum.offsets = UnsafePointer(sort.offsets + list * sort.capacity)
      let (column, winner) = list.quotientAndRemainder(dividingBy: 4)
      let y = (2 * row + winner / 2) * convolution.stride
      let x = (2 * column + winner % 2) * convolution.stride
      sum.to = dX + y * rowStride + x * convolution.input.channels
      loops.run(&sum)
    }
  }

  /// Floats from one row to the next of an image in the worker's own floats.
  private var rowStride: Int {
    (convolution.input.width + 2 * convolution.padding) * convolution.input.channels
  }

  /// Copies dE/dX of an image from the worker's floats to its place.
  private func copy(_ image: Int, _ memory: Memory, _ worker: Worker) {
    let channels = output.channels
    for row in 0..<output.height {
      let from =
        memory[self.image, worker] + (row + convolution.padding) * rowStride
        + convolution.padding * channels
      let to = memory[output.slot] + output.offset(image, row, 0)
      if output.pitch == channels && output.channelStride == 1 {
        to.update(from: from, count: output.width * channels)
      } else {
        for column in 0..<output.width {
          for i in 0..<channels {
            to[column * output.pitch + i * output.channelStride] = from[column * channels + i]
          }
        }
      }
    }
  }
}
