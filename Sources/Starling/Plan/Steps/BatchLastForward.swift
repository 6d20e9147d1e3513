import CStarlingKernels

/// Convolution, bias, and a ReLU if wanted: Y_j = max(0, B_j + Σ_i X_i ⋆ K_ji).
///
/// The panel's rows are the kernels, its vectors neighbouring pixels of a row of the output. A unit is
/// a row of sixteen images.
package struct BatchLastForward: Step {
  private let convolution: BatchLastConvolution
  private let kernels: Slot
  private let bias: Int?
  private let y: Activation
  private let floor: Float
  private let row: BatchLastRow

  /// The convolution with packed kernels, and the biases that are parameter number `bias`.
  package init(
    _ convolution: BatchLastConvolution, kernels: Slot, bias: Int?, relu: Bool, y: Activation,
    set: InstructionSet = .current
  ) {
    precondition((bias == nil) == (convolution.bias == .none))
    self.convolution = convolution
    self.kernels = kernels
    self.bias = bias
    self.y = y
    floor = relu ? 0 : -.infinity
    row = BatchLastRow(
      channels: convolution.x.channels, depth: convolution.depth,
      kernelHeight: convolution.kernelHeight, kernelWidth: convolution.kernelWidth,
      stride: convolution.stride, width: convolution.outputWidth,
      bias: convolution.bias == .perPosition ? .ofPixels(row: y.height * y.width) : .ofKernels,
      set: set)
  }

  package var task: String { "forward" }
  package var algorithm: String { "direct, batchLast" }
  package var multiplyAdds: Int { convolution.multiplyAdds }
  package var bytes: Int { convolution.inputBytes + 4 * y.imageBlocks * y.imageStride }

  package func run(_ memory: Memory, _ worker: Worker) {
    let (xs, ys) = (BatchLastStrides(convolution.x), BatchLastStrides(y))
    let (height, width) = (convolution.outputHeight, convolution.outputWidth)
    let biases = bias.map { UnsafePointer(memory.parameters[$0]) }
    let perRow = convolution.bias == .perPosition ? width : 0
    for unit in worker.share(of: y.imageBlocks * height) {
      let (group, line) = unit.quotientAndRemainder(dividingBy: height)
      let first = convolution.stride * line - convolution.padding
      let x =
        memory[convolution.x.slot] + xs.place(group, 0, row: first, column: -convolution.padding)
      let output = memory[y.slot] + ys.place(group, 0, row: line)
      row.run(
        x: x, xs, kernels: memory[kernels], bias: biases.map { $0 + line * perRow }, floor: floor,
        y: output, ys)
      for j in 0..<convolution.depth {
        y.clearMissingImages(group, output + j * ys.channel, width)
      }
    }
  }
}

/// One row of sixteen images of a convolution's output, as panels: all kernels, a few pixels each.
struct BatchLastRow: Sendable {
  /// What a bias is for.
  enum Bias: Hashable, Sendable {
    /// All pixels of a kernel's map.
    case ofKernels
    /// One pixel; from a kernel's to the next one's are so many.
    case ofPixels(row: Int)
  }

  private let channels, depth, kernelHeight, kernelWidth, stride, width: Int
  private let bias: Bias
  private let panels: Panels
  /// Vectors of a panel.
  private let vectors: Int

  init(
    channels: Int, depth: Int, kernelHeight: Int, kernelWidth: Int, stride: Int, width: Int,
    bias: Bias = .ofKernels, set: InstructionSet
  ) {
    self.bias = bias
    self.channels = channels
    self.depth = depth
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.stride = stride
    self.width = width
    let panels = Panels(set)
    self.panels = panels
    /// The products that a tile makes of each number that it loads.
    func productsPerLoad(_ vectors: Int) -> Double {
      let tiles =
        (depth + panels.tileRows(vectors: vectors) - 1) / panels.tileRows(vectors: vectors)
      let rows = Double(depth) / Double(tiles)
      return rows * Double(vectors) / (rows + Double(vectors))
    }
    vectors = [1, 2, 3, 4].max { productsPerLoad($0) < productsPerLoad($1) } ?? 1
  }

  /// Kernels lie as [depth][u][v][channel]; a bias is the first kernel's, and the row's first pixel's.
  func run(
    x: UnsafePointer<Float>, _ xs: BatchLastStrides, kernels: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?, floor: Float, y: UnsafeMutablePointer<Float>,
    _ ys: BatchLastStrides
  ) {
    var panel = starling_panel.empty
    panel.a_row = channels * kernelHeight * kernelWidth
    panel.a_s = kernelWidth * channels
    panel.a_k = 1
    panel.b_s = xs.row
    panel.count_s = kernelHeight
    if channels == 1 {
      // The same sum, with the columns in the innermost loop.
      (panel.count_k, panel.b_k) = (kernelWidth, 16)
    } else {
      (panel.count_t, panel.a_t, panel.b_t) = (kernelWidth, channels, 16)
      (panel.count_k, panel.b_k) = (channels, xs.channel)
    }
    panel.a = kernels
    panel.rows = depth
    panel.c_row = ys.channel
    panel.floor = floor
    // The panel steps through biases even where it adds none.
    panel.bias = bias ?? kernels
    var isByPixel = false
    switch self.bias {
    case .ofPixels(let row) where bias != nil:
      (panel.end, panel.bias_row, isByPixel) = (starling_panel_vector_bias, row, true)
    case .ofKernels where bias != nil:
      (panel.end, panel.bias_row) = (starling_panel_row_bias, 1)
    default:
      break
    }
    // Pixels side by side are vectors side by side, whatever the number of lanes. With a stride, the vectors of one
    // pixel are not next to those of the next, and with a bias for each pixel they share one: there, each goes its
    // own way.
    let isTogether = stride == 1 && !isByPixel
    let parts = isTogether ? 1 : 16 / panels.lanes
    let count = isTogether ? width * 16 / panels.lanes : width
    (panel.c_vector, panel.b_vector) =
      isTogether ? (panels.lanes, panels.lanes) : (16, 16 * stride)
    let blocks = (count + vectors - 1) / vectors
    for part in 0..<parts {
      for block in 0..<blocks {
        let first = block * count / blocks
        panel.vectors = (block + 1) * count / blocks - first
        panel.b = x + part * panels.lanes + first * panel.b_vector
        panel.c = y + part * panels.lanes + first * panel.c_vector
        if isByPixel, let bias { panel.bias = bias + first }
        panels.run(&panel)
      }
    }
  }
}
