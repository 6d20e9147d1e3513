import CStarlingKernels

/// A convolution in `channelsLast`, straight from its definition: Y = B + X ⋆ K, and a ReLU if wanted.
///
/// Each row of the output is a panel: its pixels are the panel's rows, the kernels its columns, and the
/// terms of a sum come in the order (u, v, i), so that the bits of an image are the same in any batch.
package struct ChannelsLastForward: Step {
  package let convolution: PixelConvolution
  let packed: ChannelsLastPack
  let output: Pixels
  let isReLU: Bool
  package let task: String
  private let panels: Panels
  /// A row of output for each worker, where pixels are narrower than a vector.
  private let scratch: WorkerScratch?

  /// The step that writes the interior of `output`, whose border it leaves alone.
  package init(
    _ packed: ChannelsLastPack, to output: Pixels, isReLU: Bool, task: String = "forward",
    in layout: inout WorkspaceLayout, workers: Int, for set: InstructionSet = .current
  ) {
    self.packed = packed
    convolution = packed.convolution
    self.output = output
    self.isReLU = isReLU
    self.task = task
    panels = Panels(set)
    let isWhole = output.channelStride == 1 && output.pitch >= convolution.columns
    scratch =
      isWhole
      ? nil
      : WorkerScratch(
        convolution.outputWidth * convolution.columns, workers: workers, in: &layout)
  }

  package var algorithm: String { "direct, channelsLast" }
  package var multiplyAdds: Int { convolution.input.batch * convolution.cost }
  package var bytes: Int { 4 * (convolution.input.count + output.count + packed.kernels.count) }

  /// Each unit is a row of an image.
  package func run(_ memory: Memory, _ worker: Worker) {
    let height = convolution.outputHeight
    let rows = worker.share(of: convolution.input.batch * height)
    var row = rows.lowerBound
    while row < rows.upperBound {
      let (image, first) = row.quotientAndRemainder(dividingBy: height)
      let end = min(height, first + rows.upperBound - row)
      run(image, first..<end, memory, worker)
      row += end - first
    }
  }

  /// Some rows of an image, block by block: the kernels of a block are read once for all of them.
  private func run(_ image: Int, _ rows: Range<Int>, _ memory: Memory, _ worker: Worker) {
    let y = memory[output.slot]
    for block in 0..<packed.blocks.count {
      var panel = packed.panel(of: block, panels.lanes, memory)
      panel.rows = convolution.outputWidth
      if isReLU { panel.floor = 0 }
      let column = packed.blocks.start(block)
      for row in rows {
        packed.place(&panel, at: image, row, 0, block, memory)
        let to = y + output.offset(image, row, 0)
        if let scratch {
          let width = Int(panel.vectors) * panels.lanes
          panel.c = memory[scratch, worker]
          panel.c_row = width
          panels.run(&panel)
          for pixel in 0..<convolution.outputWidth {
            for j in 0..<min(width, convolution.depth - column) {
              to[pixel * output.pitch + (column + j) * output.channelStride] =
                panel.c[pixel * width + j]
            }
          }
        } else {
          panel.c = to + column
          panel.c_row = output.pitch
          panels.run(&panel)
        }
      }
    }
  }
}

extension ChannelsLastPack {
  /// The panel of a block of kernels: what is the same for all rows of the output.
  @inline(__always)
  func panel(of block: Int, _ lanes: Int, _ memory: Memory) -> starling_panel {
    let input = convolution.input
    let width = blocks.vectors(of: block) * lanes
    var panel = starling_panel.empty
    panel.vectors = blocks.vectors(of: block)
    panel.c_vector = lanes
    panel.a_row = convolution.stride * input.pitch
    panel.a_s = input.rowStride
    panel.count_s = convolution.kernelHeight
    panel.b = UnsafePointer(memory[kernels] + blocks.start(block) * convolution.terms)
    panel.b_vector = lanes
    panel.b_s = convolution.kernelWidth * input.channels * width
    // Pixels that touch make one run of numbers of a kernel's row.
    let isRun = input.pitch == input.channels
    panel.count_t = isRun ? 1 : convolution.kernelWidth
    panel.count_k = isRun ? convolution.kernelWidth * input.channels : input.channels
    panel.a_t = input.pitch
    panel.b_t = input.channels * width
    panel.a_k = 1
    panel.b_k = width
    if let biases {
      panel.bias = UnsafePointer(memory[biases] + blocks.start(block))
      panel.bias_row = convolution.columns
      panel.end = hasBiasPerPosition ? starling_panel_element_bias : starling_panel_column_bias
    }
    return panel
  }

  /// Points a panel of ``panel(of:_:_:)`` at an output pixel of an image, from where it goes on along the row.
  @inline(__always)
  func place(
    _ panel: inout starling_panel, at image: Int, _ row: Int, _ column: Int, _ block: Int,
    _ memory: Memory
  ) {
    panel.a = UnsafePointer(memory[convolution.input.slot] + convolution.window(image, row, column))
    if hasBiasPerPosition, let biases {
      let position = row * convolution.outputWidth + column
      panel.bias = UnsafePointer(
        memory[biases] + position * convolution.columns + blocks.start(block))
    }
  }
}

/// Floats that each worker has for itself while it runs a step.
struct WorkerScratch: Sendable {
  private let slot: Slot
  private let stride: Int, workers: Int

  init(_ floats: Int, workers: Int, in layout: inout WorkspaceLayout) {
    // Whole vectors may be written behind them, and no two workers should share a line of cache.
    stride = (floats + 31) / 16 * 16
    self.workers = workers
    slot = layout.slot(stride * workers)
  }

  func start(_ worker: Worker) -> Int {
    precondition(worker.index < workers, "the plan was made for \(workers) workers")
    return slot.offset + stride * worker.index
  }
}

extension Memory {
  /// The first number of a worker's own.
  subscript(scratch: WorkerScratch, worker: Worker) -> UnsafeMutablePointer<Float> {
    workspace + scratch.start(worker)
  }
}
