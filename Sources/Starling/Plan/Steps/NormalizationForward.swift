import CStarlingKernels

/// y = γ·(x − μ) / √(σ² + ε) + β, with channels last, and the ReLU and the max pooling behind it.
///
/// For μ and σ² of the batch the input is read twice: once for the sums of each unit, relative to the unit's first
/// pixel so that no digit is lost where the mean is large beside the deviation, and once for the outputs. The
/// sums of the units are put together in `Double`, in their order.
package struct NormalizationForward: Step {
  /// Where μ and σ² come from.
  package enum Source: Sendable {
    /// The running ones, which do not change.
    case running
    /// The batch; the running ones move towards it by the share `momentum`.
    case batch(momentum: Float)
  }

  package let sizes: NormalizationSizes
  /// Which numbers the pooling kept, for the way back.
  package let winners: PoolingWinners?
  /// momentum·(running − batch's) of the mean and of the variance, which the update takes off them.
  package let meanGradient, varianceGradient: Slot
  private let source: Source
  /// For each unit the first pixel, and the sums of departures from it and of their squares.
  private let sums: Slot
  private let scratch: WorkerScratch
  private let loops: NormalizationLoops
  private let pooling: SparseLoops
  private let turning: ElementwiseLoops

  /// Lays the step out.
  ///
  /// - Parameters:
  ///   - x: The input in `channelsLast`, or vectors in `rows`.
  ///   - y: The output, half as high and wide if it is pooled; in `channelsLast` or in `rows`.
  ///   - isReLU: Whether a ReLU follows.
  ///   - isPooled: Whether max pooling of 2×2 follows; it wants channels that fill vectors of 16.
  ///   - weight: The number of γ among all tensors of the network.
  ///   - epsilon: ε.
  ///   - source: Where μ and σ² come from.
  ///   - workers: How many workers there may be.
  ///   - layout: The workspace.
  ///   - set: The instruction set.
  package init(
    x: Activation, y: Activation, isReLU: Bool, isPooled: Bool, weight: Int, epsilon: Float,
    from source: Source, workers: Int, in layout: inout WorkspaceLayout,
    for set: InstructionSet = .current
  ) {
    sizes = NormalizationSizes(
      x: x, y: y, isReLU: isReLU, isPooled: isPooled, epsilon: epsilon, weight: weight,
      in: &layout)
    self.source = source
    let isOfBatch = if case .batch = source { true } else { false }
    winners =
      isPooled && isOfBatch
      ? PoolingWinners(
        batch: x.batch, channels: x.channels, height: y.height, width: y.width, in: &layout) : nil
    sums = layout.slot(isOfBatch ? 3 * sizes.units.count * sizes.stride : 0)
    meanGradient = layout.slot(sizes.stride)
    varianceGradient = layout.slot(sizes.stride)
    // Two rows to be pooled, and a row of outputs to be turned over.
    scratch = WorkerScratch(
      (isPooled ? 3 : sizes.turns ? 1 : 0) * x.width * sizes.lanes, workers: workers, in: &layout)
    loops = NormalizationLoops(set)
    pooling = SparseLoops(set)
    turning = ElementwiseLoops(set)
  }

  package var task: String { "normalization" }
  package var algorithm: String {
    isOfBatch ? "two passes, channelsLast" : "one pass, channelsLast"
  }
  package var multiplyAdds: Int { 0 }
  package var bytes: Int { 4 * ((isOfBatch ? 2 : 1) * sizes.x.count + sizes.y.count) }
  package var isSerial: Bool { sizes.x.count < 1024 }

  private var isOfBatch: Bool {
    if case .batch = source { true } else { false }
  }

  package func run(_ memory: Memory, _ worker: Worker) {
    if isOfBatch {
      for unit in worker.share(of: sizes.units.count) { addUp(unit, memory) }
      worker.barrier()
    }
    for block in worker.share(of: sizes.stride / 16) {
      for c in block * 16..<min((block + 1) * 16, sizes.x.channels) { finish(c, memory) }
    }
    worker.barrier()
    if sizes.isPooled {
      normalizeAndPool(memory, worker)
    } else {
      normalize(memory, worker)
    }
  }

  // MARK: - Statistics

  /// The sums of a unit.
  private func addUp(_ unit: Int, _ memory: Memory) {
    let rows = sizes.units[unit]
    let first = memory[sums] + 3 * unit * sizes.stride
    first.update(from: sizes.x(row: rows.lowerBound, memory), count: sizes.lanes)
    (first + sizes.stride).update(repeating: 0, count: 2 * sizes.stride)
    var row = sizes.row(memory)
    row.mean = UnsafePointer(first)
    row.sums = first + sizes.stride
    row.products = row.sums + sizes.stride
    for number in rows {
      row.x = sizes.x(row: number, memory)
      loops.statistics(&row)
    }
  }

  /// μ and σ² of a channel, and what follows from them.
  private func finish(_ c: Int, _ memory: Memory) {
    let stride = sizes.stride
    let parameters = memory.parameters + sizes.weight
    let (runningMean, runningVariance) = (parameters[2][c], parameters[3][c])
    var (mean, variance) = (runningMean, runningVariance)
    let n = Double(sizes.count)
    switch source {
    case .running: break
    case .batch(let momentum):
      let sums = UnsafePointer(memory[sums] + c)
      var total = 0.0
      for unit in 0..<sizes.units.count {
        let sum = sums + 3 * unit * stride
        total += pixels(in: unit) * Double(sum[0]) + Double(sum[stride])
      }
      let μ = total / n
      // Σ (x − μ)², from the sums about each unit's first pixel.
      var squares = 0.0
      for unit in 0..<sizes.units.count {
        let sum = sums + 3 * unit * stride
        let δ = μ - Double(sum[0])
        squares += Double(sum[2 * stride]) - 2 * δ * Double(sum[stride]) + pixels(in: unit) * δ * δ
      }
      (mean, variance) = (Float(μ), Float(max(squares, 0) / n))
      move(c, towards: mean, variance, by: momentum, memory)
    }
    let inverse = 1 / (variance + sizes.epsilon).squareRoot()
    let coefficients = memory[sizes.coefficients] + c
    coefficients[0] = mean
    coefficients[stride] = parameters[0][c] * inverse
    coefficients[2 * stride] = parameters[1][c]
    coefficients[3 * stride] = inverse
  }

  private func pixels(in unit: Int) -> Double { Double(sizes.units[unit].count * sizes.x.width) }

  /// The running variance takes the batch's divided by n − 1; there is none of a single number.
  private func move(
    _ c: Int, towards mean: Float, _ variance: Float, by momentum: Float, _ memory: Memory
  ) {
    let running = memory.parameters + sizes.weight + 2
    memory[meanGradient][c] = momentum * (running[0][c] - mean)
    let n = Float(sizes.count)
    memory[varianceGradient][c] =
      n > 1 ? momentum * (running[1][c] - variance * (n / (n - 1))) : 0
  }

  // MARK: - Outputs

  /// Each unit of work is a row of an image.
  private func normalize(_ memory: Memory, _ worker: Worker) {
    let y = sizes.y
    var row = sizes.row(memory)
    for number in worker.share(of: y.batch * y.height) {
      row.x = sizes.x(row: number, memory)
      let to = memory[y.slot] + y.offset(number / y.height, number % y.height, 0)
      if sizes.turns {
        row.y = memory[scratch, worker]
        row.y_pixel = sizes.lanes
        loops.normalize(&row)
        turn(row.y, to)
      } else {
        row.y = to
        row.y_pixel = y.pitch
        loops.normalize(&row)
      }
    }
  }

  /// Each unit of work is a row of windows of an image; its two rows stay in the first-level cache.
  private func normalizeAndPool(_ memory: Memory, _ worker: Worker) {
    let (x, y) = (sizes.x, sizes.y)
    let pair = memory[scratch, worker]
    var row = sizes.row(memory)
    row.floor = -.infinity
    row.y_pixel = x.pitch
    var pool = starling_pool()
    pool.from = UnsafePointer(pair)
    pool.from_pixel = x.pitch
    pool.from_row = x.width * x.pitch
    pool.to_pixel = sizes.turns ? x.pitch : y.pitch
    pool.winners_pixel = winners?.pitch ?? 0
    pool.count = y.width
    pool.vectors = x.pitch / pooling.lanes
    pool.floor = sizes.floor
    for number in worker.share(of: y.batch * y.height) {
      let (image, window) = number.quotientAndRemainder(dividingBy: y.height)
      for half in 0..<2 {
        row.x = sizes.x(row: image * x.height + 2 * window + half, memory)
        row.y = pair + half * pool.from_row
        loops.normalize(&row)
      }
      if let winners {
        pool.winners = memory.bytes(winners.slot) + winners.offset(image, window, 0)
      }
      let to = memory[y.slot] + y.offset(image, window, 0)
      pool.to = sizes.turns ? pair + 2 * pool.from_row : to
      pooling.run(&pool)
      if sizes.turns { turn(pool.to, to) }
    }
  }

  /// A row of pixels becomes a row of each channel.
  private func turn(_ pixels: UnsafePointer<Float>, _ to: UnsafeMutablePointer<Float>) {
    turning.transpose(
      pixels, stride: sizes.lanes, to: to, stride: sizes.y.channelStride, rows: sizes.y.width,
      columns: sizes.x.channels)
  }
}
