import CStarlingKernels

/// dE/dγ, dE/dβ and dE/dx of a batch normalization, with the slopes of the ReLU and the pooling behind it.
///
///     g = dE/dy, or 0 where the ReLU or the pooling let y not through
///     dE/dβ = Σ g        dE/dγ = Σ g·x̂        dE/dx = γ / √(σ² + ε) · (g − (dE/dβ + x̂·dE/dγ) / n)
///
/// The input is read once for the sums and once for dE/dx; whether the ReLU let y through is told from it.
/// dX may lie on x, whose numbers are lost then, and without pooling on dY.
package struct NormalizationBackward: Step {
  /// dE/dγ and dE/dβ.
  package let weightGradient, biasGradient: Slot
  private let sizes: NormalizationSizes
  private let winners: PoolingWinners?
  private let dY: Pixels
  private let dX: Pixels?
  /// For each unit Σ g and Σ g·(x − μ).
  private let sums: Slot
  /// Of each channel, what dE/dx has beside the scaled g, and what it has for each x − μ.
  private let driftAndPull: Slot
  private let scratch: WorkerScratch
  private let loops: NormalizationLoops
  private let turning: ElementwiseLoops

  /// The way back of a step that took its statistics from the batch; no dE/dx where nobody needs it.
  package init(
    of forward: NormalizationForward, dY: Activation, dX: Activation?, workers: Int,
    in layout: inout WorkspaceLayout, for set: InstructionSet = .current
  ) {
    let (x, y) = (forward.sizes.x, forward.sizes.y)
    precondition(
      dY.height == y.height && dY.width == y.width
        && (dX.map { $0.height == x.height && $0.width == x.width } ?? true),
      "gradients have the shapes of their activations")
    sizes = forward.sizes
    winners = forward.winners
    self.dY = Pixels(dY)
    self.dX = dX.map { Pixels($0) }
    weightGradient = layout.slot(sizes.stride)
    biasGradient = layout.slot(sizes.stride)
    sums = layout.slot(2 * sizes.units.count * sizes.stride)
    driftAndPull = layout.slot(2 * sizes.stride)
    // A row of dE/dy that was turned over, and one of pixels that were not pooled.
    scratch = WorkerScratch(2 * sizes.x.width * sizes.lanes, workers: workers, in: &layout)
    loops = NormalizationLoops(set)
    turning = ElementwiseLoops(set)
  }

  package var task: String { dX == nil ? "dE/dγ, dE/dβ" : "dE/dγ, dE/dβ, dE/dx" }
  package var algorithm: String { "two passes, channelsLast" }
  package var multiplyAdds: Int { 0 }
  package var bytes: Int { 4 * (2 * (sizes.x.count + dY.count) + (dX?.count ?? 0)) }
  package var isSerial: Bool { sizes.x.count < 1024 }

  package func run(_ memory: Memory, _ worker: Worker) {
    var row = sizes.row(memory)
    if winners != nil { row.floor = -.infinity }
    for unit in worker.share(of: sizes.units.count) {
      row.sums = memory[sums] + 2 * unit * sizes.stride
      row.products = row.sums + sizes.stride
      row.sums.update(repeating: 0, count: 2 * sizes.stride)
      for number in sizes.units[unit] {
        read(number, into: &row, memory, worker)
        loops.slopeSums(&row)
      }
    }
    worker.barrier()
    for block in worker.share(of: sizes.stride / 16) {
      for c in block * 16..<min((block + 1) * 16, sizes.x.channels) { finish(c, memory) }
    }
    guard let dX else { return }
    worker.barrier()
    row.drift = UnsafePointer(memory[driftAndPull])
    row.pull = row.drift + sizes.stride
    row.y_pixel = dX.pitch
    for number in worker.share(of: dX.batch * dX.height) {
      read(number, into: &row, memory, worker)
      row.y = memory[dX.slot] + dX.offset(number / dX.height, number % dX.height, 0)
      loops.slopes(&row)
    }
  }

  /// Points to x and dE/dy of a row of all images, the latter for each pixel and with the channels last.
  @inline(__always)
  private func read(
    _ number: Int, into row: inout starling_normalization, _ memory: Memory, _ worker: Worker
  ) {
    let (image, r) = number.quotientAndRemainder(dividingBy: sizes.x.height)
    row.x = sizes.x(row: number, memory)
    let pooling = winners == nil ? 1 : 2
    let isSeen = r / pooling < dY.height
    row.dY_pixel = dY.pitch
    if isSeen {
      row.dY = UnsafePointer(memory[dY.slot] + dY.offset(image, r / pooling, 0))
      if dY.channelStride != 1 {
        let turned = memory[scratch, worker]
        turning.transpose(
          row.dY, stride: dY.channelStride, to: turned, stride: sizes.lanes,
          rows: sizes.x.channels, columns: dY.width)
        row.dY = UnsafePointer(turned)
        row.dY_pixel = sizes.lanes
      }
    }
    guard let winners else { return }
    row.winners = UnsafePointer(memory.bytes(winners.slot) + winners.offset(image, r / 2, 0))
    row.winners_pixel = winners.pitch
    row.pooled = isSeen ? dY.width : 0
    row.first = Int32(r % 2 * 2)
    let result = (row.y, row.y_pixel)
    row.y = memory[scratch, worker] + sizes.x.width * sizes.lanes
    row.y_pixel = sizes.lanes
    loops.unpool(&row)
    (row.dY, row.dY_pixel) = (UnsafePointer(row.y), sizes.lanes)
    (row.y, row.y_pixel) = result
  }

  /// The gradients of a channel, and what dE/dx takes of them.
  private func finish(_ c: Int, _ memory: Memory) {
    let stride = sizes.stride
    var (sum, product) = (0.0, 0.0)
    for unit in 0..<sizes.units.count {
      let one = memory[sums] + 2 * unit * stride + c
      sum += Double(one[0])
      product += Double(one[stride])
    }
    let coefficients = memory[sizes.coefficients] + c
    let (scale, inverse) = (Double(coefficients[stride]), Double(coefficients[3 * stride]))
    let n = Double(sizes.count)
    memory[weightGradient][c] = Float(inverse * product)
    memory[biasGradient][c] = Float(sum)
    memory[driftAndPull][c] = Float(-scale * sum / n)
    memory[driftAndPull][stride + c] = Float(-scale * inverse * inverse * product / n)
  }
}
