import CStarlingKernels

/// A convolution in `channelsLast` with the ReLU and the max pooling behind it: the sums of a window are pooled
/// in the registers that they are made in.
///
/// For the way back it notes, as a byte for each pooled number, which of the four was the largest: see
/// ``PoolingWinners``. Rows and columns that belong to no window are not computed.
package struct ChannelsLastForwardPooled: Step {
  package let convolution: PixelConvolution
  let packed: ChannelsLastPack
  /// The pooled activations.
  let output: Pixels
  let isReLU: Bool
  /// Where the winners go, or nil at inference.
  let winners: PoolingWinners?
  private let panels: Panels
  /// A row of pooled pixels, where those of the output are narrower than a vector.
  private let narrow: WorkerScratch?

  /// The step that writes the interior of `output`, whose border it leaves alone.
  package init(
    _ packed: ChannelsLastPack, to output: Pixels, winners: PoolingWinners?, isReLU: Bool,
    in layout: inout WorkspaceLayout, workers: Int, for set: InstructionSet = .current
  ) {
    self.packed = packed
    convolution = packed.convolution
    self.output = output
    self.winners = winners
    self.isReLU = isReLU
    panels = Panels(set)
    precondition(
      output.height == convolution.outputHeight / 2 && output.width == convolution.outputWidth / 2,
      "the output is that of windows of 2×2")
    precondition(!packed.hasBiasPerPosition, "the four of a window have the same bias")
    let isWhole = output.channelStride == 1 && output.pitch >= convolution.columns
    narrow =
      isWhole
      ? nil : WorkerScratch(output.width * 3 * panels.lanes, workers: workers, in: &layout)
  }

  package var task: String { "forward" }
  package var algorithm: String { "direct with pooling, channelsLast" }
  package var multiplyAdds: Int {
    convolution.input.batch * 4 * output.height * output.width * convolution.terms
      * convolution.columns
  }
  package var bytes: Int { 4 * (convolution.input.count + output.count + packed.kernels.count) }

  /// Each unit is a window: rows of them are too few for equal shares of a single image.
  package func run(_ memory: Memory, _ worker: Worker) {
    let perImage = output.height * output.width
    let windows = worker.share(of: convolution.input.batch * perImage)
    var window = windows.lowerBound
    while window < windows.upperBound {
      let (image, first) = window.quotientAndRemainder(dividingBy: perImage)
      let end = min(perImage, first + windows.upperBound - window)
      run(image, first..<end, memory, worker)
      window += end - first
    }
  }

  /// Some windows of an image, block by block and row by row.
  private func run(_ image: Int, _ windows: Range<Int>, _ memory: Memory, _ worker: Worker) {
    for block in 0..<packed.blocks.count {
      var panel = packed.panel(of: block, panels.lanes, memory)
      panel.a_below = convolution.stride * convolution.input.rowStride
      panel.winners_row = convolution.columns
      if isReLU { panel.floor = 0 }
      var window = windows.lowerBound
      while window < windows.upperBound {
        let (row, first) = window.quotientAndRemainder(dividingBy: output.width)
        let end = min(output.width, first + windows.upperBound - window)
        run(&panel, block, image, row, first..<end, memory, worker)
        window += end - first
      }
    }
  }

  /// Some windows of a row.
  @inline(__always)
  private func run(
    _ panel: inout starling_panel, _ block: Int, _ image: Int, _ row: Int, _ windows: Range<Int>,
    _ memory: Memory, _ worker: Worker
  ) {
    let column = packed.blocks.start(block)
    let first = windows.lowerBound
    packed.place(&panel, at: image, 2 * row, 2 * first, block, memory)
    panel.rows = 4 * windows.count
    if let winners {
      panel.winners = memory.bytes(winners.slot) + winners.offset(image, row, first) + column
    }
    let to = memory[output.slot] + output.offset(image, row, first)
    guard let narrow else {
      panel.c = to + column
      panel.c_row = output.pitch
      return panels.run(&panel)
    }
    panel.c = memory[narrow, worker]
    panel.c_row = Int(panel.vectors) * panels.lanes
    panels.run(&panel)
    for pixel in 0..<windows.count {
      for j in 0..<min(panel.c_row, convolution.depth - column) {
        to[pixel &* output.pitch &+ (column &+ j) &* output.channelStride] =
          panel.c[pixel &* panel.c_row &+ j]
      }
    }
  }
}

/// For each number that max pooling over 2×2 made, which of the four it was: a byte in
/// [image][row][column][channel].
///
/// 0 to 3 count the window row by row, the first of equals wins, and 4 says that the ReLU let none
/// through: on the way back the gradient goes to the winner, and to nobody where it is 4.
package struct PoolingWinners: Hashable, Sendable {
  package let slot: Slot
  /// Pooled rows and columns, and bytes to a pixel: the channels up to a multiple of 16.
  package let height, width, pitch: Int

  /// Room for those of a batch.
  package init(
    batch: Int, channels: Int, height: Int, width: Int, in layout: inout WorkspaceLayout
  ) {
    (self.height, self.width, pitch) = (height, width, (channels + 15) / 16 * 16)
    slot = layout.slot(batch * height * width * pitch / 4)
  }

  /// Bytes before those of a pixel.
  package func offset(_ image: Int, _ row: Int, _ column: Int) -> Int {
    ((image * height + row) * width + column) * pitch
  }
}
