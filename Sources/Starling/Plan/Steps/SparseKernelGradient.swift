import CStarlingKernels

/// dE/dK and dE/dB of a convolution whose output went through max pooling over 2×2, and perhaps through ReLU and
/// dropout.
///
/// Of the four outputs of a pooling window at most one has a gradient. For each kernel j the windows of X are
/// listed whose outputs won, and dK_j += Σ dY_j · X[window] runs over them alone.
package struct SparseKernelGradient: Step {
  let convolution: PixelConvolution
  let pooled: Pixels
  let winners: PoolingWinners
  /// Sums over blocks of images, for ``KernelGradientSum``.
  package let partials: PartialKernels
  private let parts: GradientParts
  private let rowVectors: Int
  private let loops: SparseLoops
  /// For each worker the terms of some kernels, a list for each; and where each window of two by two begins.
  private let lists: TermLists, origins: WorkerScratch
  /// Pooled rows whose terms are collected at a time.
  private let rows: Int
  /// Whether there is so little to each kernel that lists cost more than they save.
  private let isByTap: Bool

  /// The step that takes the gradient of the pooled activations.
  package init(
    _ convolution: PixelConvolution, pooledGradient: Pixels, winners: PoolingWinners,
    in layout: inout WorkspaceLayout, workers: Int, for set: InstructionSet = .current
  ) {
    self.convolution = convolution
    (pooled, self.winners) = (pooledGradient, winners)
    loops = SparseLoops(set)
    let input = convolution.input
    let row = (convolution.kernelWidth - 1) * input.pitch + input.channels
    rowVectors = (row + loops.lanes - 1) / loops.lanes
    let rowStride = rowVectors * loops.lanes
    let kernelStride = convolution.kernelHeight * rowStride
    let biases = convolution.depth * kernelStride
    let columns = convolution.columns
    isByTap =
      (convolution.kernelHeight, convolution.kernelWidth) == (3, 3) && input.pitch == 1
      && convolution.stride == 1 && pooled.channelStride == 1
    let stride = (isByTap ? 9 * columns : (biases + 15) / 16 * 16) + columns
    parts = GradientParts(batch: pooled.batch, depth: convolution.depth, floats: stride)
    partials = PartialKernels(
      slot: layout.slot(parts.blocks * stride), parts: parts.blocks, stride: stride,
      biases: stride - columns, kernelStride: isByTap ? 1 : kernelStride,
      rowStride: isByTap ? 3 * columns : rowStride, columnStride: isByTap ? columns : input.pitch,
      channelStride: 1)
    let most = parts.mostKernels
    rows = max(1, min(pooled.height, SparseKernelGradient.mostTerms / most / pooled.width))
    lists = TermLists(most, of: rows * pooled.width, workers: workers, in: &layout)
    origins = WorkerScratch(pooled.height * pooled.width, workers: workers, in: &layout)
  }

  /// Terms that leave room for an image in the first-level cache.
  private static let mostTerms = 2048

  package var task: String { "dE/dK, dE/dB" }
  package var algorithm: String { "sparse through pooling, channelsLast" }
  package var multiplyAdds: Int {
    pooled.batch * pooled.height * pooled.width * convolution.depth * convolution.kernelHeight
      * rowVectors * loops.lanes
  }
  package var bytes: Int {
    4 * (convolution.input.count + pooled.count + partials.slot.count) + winners.slot.count
  }

  /// Each unit is a block of images and a group of kernels.
  package func run(_ memory: Memory, _ worker: Worker) {
    if isByTap { return runByTap(memory, worker) }
    let origins = memory.integers(self.origins, worker)
    for row in 0..<pooled.height {
      for column in 0..<pooled.width {
        origins[row * pooled.width + column] = Int32(convolution.window(0, 2 * row, 2 * column))
      }
    }
    var sort = starling_sort()
    lists.place(&sort, memory, worker)
    sort.gradient_pixel = pooled.pitch
    sort.gradient_channel = pooled.channelStride
    sort.winners_pixel = winners.pitch
    let below = Int32(convolution.stride * convolution.input.rowStride)
    let beside = Int32(convolution.stride * convolution.input.pitch)
    sort.winner_steps = (0, beside, below, below + beside)
    for unit in worker.share(of: parts.units) {
      let kernels = parts.kernels(unit)
      let part = memory[partials[parts.part(unit)]]
      (part + kernels.lowerBound * partials.kernelStride)
        .update(repeating: 0, count: kernels.count * partials.kernelStride)
      sort.channels = kernels.count
      sort.sums = part + partials.biases + kernels.lowerBound
      sort.sums.update(repeating: 0, count: kernels.count)
      for image in parts.images(unit) {
        for row in stride(from: 0, to: pooled.height, by: rows) {
          collect(image, row..<min(pooled.height, row + rows), kernels, &sort, origins, memory)
          add(image, kernels, sort, to: part, memory)
        }
      }
    }
  }

  /// The same for kernels of 3×3 with one input channel: every winner's slope times each of the nine numbers.
  private func runByTap(_ memory: Memory, _ worker: Worker) {
    var sum = starling_tap_sum()
    sum.gradient_pixel = pooled.pitch
    sum.winners_pixel = winners.pitch
    sum.x_row = convolution.input.rowStride
    sum.to_tap = convolution.columns
    sum.pixels = pooled.width
    for unit in worker.share(of: parts.units) {
      let kernels = parts.kernels(unit)
      sum.vectors = (kernels.count + loops.lanes - 1) / loops.lanes
      sum.to = memory[partials[parts.part(unit)]] + kernels.lowerBound
      sum.sums = sum.to + partials.biases
      for row in 0...9 {
        (sum.to + row * convolution.columns).update(repeating: 0, count: sum.vectors * loops.lanes)
      }
      for image in parts.images(unit) {
        for row in 0..<pooled.height {
          sum.gradient = UnsafePointer(
            memory[pooled.slot] + pooled.offset(image, row, 0) + kernels.lowerBound)
          sum.winners = UnsafePointer(
            memory.bytes(winners.slot) + winners.offset(image, row, 0) + kernels.lowerBound)
          sum.x = UnsafePointer(
            memory[convolution.input.slot] + convolution.window(image, 2 * row, 0))
          loops.run(&sum)
        }
      }
    }
  }

  /// For each kernel of a group, lists the windows that have a gradient.
  private func collect(
    _ image: Int, _ rows: Range<Int>, _ kernels: Range<Int>, _ sort: inout starling_sort,
    _ origins: UnsafePointer<Int32>, _ memory: Memory
  ) {
    sort.lengths.update(repeating: 0, count: kernels.count)
    // Without a border the pixels of all rows are one row.
    let step = pooled.border == 0 ? rows.count : 1
    sort.pixels = step * pooled.width
    for row in stride(from: rows.lowerBound, to: rows.upperBound, by: step) {
      sort.gradient = UnsafePointer(
        memory[pooled.slot] + pooled.offset(image, row, 0)
          + kernels.lowerBound * pooled.channelStride)
      sort.winners = UnsafePointer(
        memory.bytes(winners.slot) + winners.offset(image, row, 0) + kernels.lowerBound)
      sort.origins = origins + row * pooled.width
      loops.sortByChannel(&sort)
    }
  }

  /// Adds the listed windows to the kernels' gradients.
  private func add(
    _ image: Int, _ kernels: Range<Int>, _ sort: starling_sort,
    to part: UnsafeMutablePointer<Float>, _ memory: Memory
  ) {
    var sum = starling_block_sum()
    sum.from = UnsafePointer(
      memory[convolution.input.slot] + image * convolution.input.imageStride)
    sum.from_row = convolution.input.rowStride
    sum.to_row = partials.rowStride
    sum.rows = convolution.kernelHeight
    sum.vectors = rowVectors
    for n in 0..<kernels.count where sort.lengths[n] > 0 {
      sum.count = Int(sort.lengths[n])
      sum.factors = UnsafePointer(sort.factors + n * sort.capacity)
      sum.offsets = UnsafePointer(sort.offsets + n * sort.capacity)
      sum.to = part + (kernels.lowerBound + n) * partials.kernelStride
      loops.run(&sum)
    }
  }
}
