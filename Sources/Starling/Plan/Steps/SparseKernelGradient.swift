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
  /// For each worker the terms of some kernels, as many lists as kernels; and their lengths.
  private let terms: WorkerScratch, lengths: WorkerScratch
  /// Pooled rows whose terms are collected at a time, and the room in a list.
  private let rows, capacity: Int

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
    let stride = (biases + convolution.depth + 15) / 16 * 16
    parts = GradientParts(batch: pooled.batch, depth: convolution.depth, floats: stride)
    partials = PartialKernels(
      slot: layout.slot(parts.blocks * stride), parts: parts.blocks, stride: stride,
      biases: biases, kernelStride: kernelStride, rowStride: rowStride, columnStride: input.pitch,
      channelStride: 1)
    let most = parts.mostKernels
    rows = max(1, min(pooled.height, SparseKernelGradient.mostTerms / most / pooled.width))
    capacity = rows * pooled.width
    terms = WorkerScratch(2 * most * capacity, workers: workers, in: &layout)
    lengths = WorkerScratch(most, workers: workers, in: &layout)
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
    for unit in worker.share(of: parts.units) {
      let kernels = parts.kernels(unit)
      let part = memory[partials[parts.part(unit)]]
      (part + kernels.lowerBound * partials.kernelStride)
        .update(repeating: 0, count: kernels.count * partials.kernelStride)
      let biases = part + partials.biases + kernels.lowerBound
      biases.update(repeating: 0, count: kernels.count)
      for image in parts.images(unit) {
        for row in stride(from: 0, to: pooled.height, by: rows) {
          let rows = row..<min(pooled.height, row + self.rows)
          collect(image, rows, kernels, biases, memory, worker)
          add(image, kernels, to: part, memory, worker)
        }
      }
    }
  }

  /// For each kernel of a group, lists the windows that have a gradient.
  private func collect(
    _ image: Int, _ rows: Range<Int>, _ kernels: Range<Int>, _ biases: UnsafeMutablePointer<Float>,
    _ memory: Memory, _ worker: Worker
  ) {
    let terms = memory.terms(self.terms, worker)
    let lengths = memory.lengths(self.lengths, worker)
    lengths.update(repeating: 0, count: kernels.count)
    let (pixelStep, rowStep) = (
      convolution.stride * convolution.input.pitch, convolution.stride * convolution.input.rowStride
    )
    let channelStride = pooled.channelStride
    let corner = convolution.window(0, 0, 0)
    for row in rows {
      for column in 0..<pooled.width {
        let gradient =
          memory[pooled.slot] + pooled.offset(image, row, column)
          + kernels.lowerBound * channelStride
        let winners =
          memory.bytes(self.winners.slot) + self.winners.offset(image, row, column)
          + kernels.lowerBound
        let offset = Int32(truncatingIfNeeded: corner + 2 * row * rowStep + 2 * column * pixelStep)
        let below = Int32(truncatingIfNeeded: rowStep)
        let beside = Int32(truncatingIfNeeded: pixelStep)
        for n in 0..<kernels.count {
          let winner = Int32(winners[n])
          let isLive: Int32 = winner < 4 ? 1 : 0
          let factor = isLive == 1 ? gradient[n &* channelStride] : 0
          let length = lengths[n]
          terms[n &* capacity &+ Int(length)] = starling_term(
            factor: factor,
            offset: offset &+ (winner &>> 1) &* below &+ (winner & 1) &* beside)
          lengths[n] = length &+ (factor != 0 ? 1 : 0)
          biases[n] += factor
        }
      }
    }
  }

  /// Adds the listed windows to the kernels' gradients.
  private func add(
    _ image: Int, _ kernels: Range<Int>, to part: UnsafeMutablePointer<Float>, _ memory: Memory,
    _ worker: Worker
  ) {
    let terms = memory.terms(self.terms, worker)
    let lengths = memory.lengths(self.lengths, worker)
    var sum = starling_block_sum()
    sum.from = UnsafePointer(
      memory[convolution.input.slot] + image * convolution.input.imageStride)
    sum.from_row = convolution.input.rowStride
    sum.to_row = partials.rowStride
    sum.rows = convolution.kernelHeight
    sum.vectors = rowVectors
    for n in 0..<kernels.count {
      sum.count = Int(lengths[n])
      if sum.count == 0 { continue }
      sum.terms = UnsafePointer(terms + n * capacity)
      sum.to = part + (kernels.lowerBound + n) * partials.kernelStride
      loops.run(&sum)
    }
  }
}

extension Memory {
  /// Room for whole numbers in a worker's own floats.
  fileprivate func lengths(
    _ scratch: WorkerScratch, _ worker: Worker
  ) -> UnsafeMutablePointer<Int32> {
    UnsafeMutableRawPointer(self[scratch, worker]).assumingMemoryBound(to: Int32.self)
  }
}
