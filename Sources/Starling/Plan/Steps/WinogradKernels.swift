import CStarlingKernels

/// Transformed kernels in memory: [element][block of columns][row][column of the block], and behind them the biases.
///
/// For the forward pass rows are input channels i and columns outputs j, and a kernel is K_ji. For dE/dX rows are
/// outputs, columns input channels, and a kernel is K_ji turned by 180°. Columns fill up vectors with zeros; blocks
/// of them are as wide as a panel.
package struct WinogradKernels: Hashable, Sendable {
  let size: WinogradSize
  let rows, columns, lanes: Int
  /// Where they are.
  let slot: Slot

  /// Vectors of a block: two, and in the last three where one would be left over.
  func vectors(ofBlock block: Int) -> Int {
    let all = columns / lanes
    return block < blocks - 1 ? 2 : all - 2 * block
  }
  /// How many blocks there are.
  var blocks: Int { max(1, columns / lanes / 2) }
  /// The first column of a block.
  func start(ofBlock block: Int) -> Int { 2 * block * lanes }

  /// Floats from one element to the next: never a power of two, since a transform writes to all of them at once.
  var element: Int { rows * columns + 16 }
  /// Where the biases begin.
  var bias: Int { size.elements * element }

  init(
    _ size: WinogradSize, rows: Int, columns: Int, lanes: Int, in layout: inout WorkspaceLayout
  ) {
    self.size = size
    self.rows = rows
    self.columns = (columns + 15) / 16 * 16
    self.lanes = lanes
    let floats = size.elements * (rows * self.columns + 16) + self.columns
    slot = layout.slot(floats)
  }

  /// Multiplies one element of transformed tiles by some blocks of the kernels': M = V U,
  /// [tiles × rows] · [rows × columns].
  ///
  /// `v`, `m` and `u` are the first numbers of the tiles, of the products and of the kernels.
  @inline(__always)
  func multiply(
    element: Int, blocks: Range<Int>, tiles: Int, _ v: UnsafePointer<Float>,
    _ input: WinogradElements, _ m: UnsafeMutablePointer<Float>, _ output: WinogradElements,
    _ u: UnsafePointer<Float>, _ panels: Panels
  ) {
    var panel = starling_panel.empty
    panel.a = v + element * input.element
    panel.a_row = input.pitch
    panel.a_k = 1
    panel.count_k = rows
    panel.rows = tiles
    panel.b_vector = lanes
    panel.c_row = output.pitch
    panel.c_vector = lanes
    for block in blocks {
      let start = start(ofBlock: block)
      panel.vectors = vectors(ofBlock: block)
      panel.b = u + element * self.element + start * rows
      panel.b_k = panel.vectors * lanes
      panel.c = m + element * output.element + start
      panels.run(&panel)
    }
  }
}

/// Transforms the kernels of a 3 × 3 convolution, U = G g Gᵀ, and pads its biases.
///
/// Once for inference, in each step of training.
package struct WinogradPackKernels: Step {
  /// What it makes.
  package let kernels: WinogradKernels
  private let depth, inputDepth: Int
  private let forGradient: Bool
  private let weight: Int, bias: Int?
  private let transforms: WinogradTransforms

  /// Rows of kernels that are a unit of work.
  private static let group = 16

  /// Takes room for the transformed kernels.
  ///
  /// - Parameters:
  ///   - size: The tile size.
  ///   - depth: Kernels.
  ///   - inputDepth: Input channels.
  ///   - forGradient: Whether they are for dE/dX: turned by 180°, and the channels exchanged.
  ///   - weight: The parameter that holds the kernels, [depth][inputDepth][3][3].
  ///   - bias: The parameter that holds a bias for each kernel, if there is one and it is wanted.
  ///   - layout: The workspace.
  ///   - set: The instruction set.
  package init(
    _ size: WinogradSize, depth: Int, inputDepth: Int, forGradient: Bool = false,
    weight: Int, bias: Int? = nil, in layout: inout WorkspaceLayout,
    for set: InstructionSet = .current
  ) {
    self.depth = depth
    self.inputDepth = inputDepth
    self.forGradient = forGradient
    self.weight = weight
    self.bias = bias
    transforms = WinogradTransforms(size, for: set)
    kernels = WinogradKernels(
      size, rows: forGradient ? depth : inputDepth, columns: forGradient ? inputDepth : depth,
      lanes: transforms.lanes, in: &layout)
  }

  package var task: String { "pack" }
  package var algorithm: String {
    "Winograd F(\(kernels.size.rawValue)×\(kernels.size.rawValue))"
  }
  package var multiplyAdds: Int { 0 }
  package var bytes: Int { 4 * (9 * depth * inputDepth + kernels.slot.count) }

  package func run(_ memory: Memory, _ worker: Worker) {
    let to = memory[kernels.slot]
    let columns = forGradient ? inputDepth : depth
    let groups = (kernels.rows + Self.group - 1) / Self.group
    let vectors = kernels.columns / kernels.lanes
    var work = starling_winograd_kernels()
    work.lane = forGradient ? 9 : 9 * inputDepth
    work.step = forGradient ? 9 * inputDepth : 9
    work.tap = forGradient ? -1 : 1
    work.element = kernels.element
    for unit in worker.share(of: vectors * groups) {
      let column = unit / groups * kernels.lanes
      let row = unit % groups * Self.group
      let block = min(unit / groups / 2, kernels.blocks - 1)
      let start = kernels.start(ofBlock: block)
      let width = kernels.vectors(ofBlock: block) * kernels.lanes
      work.taps =
        memory.parameters[weight] + column * work.lane + row * work.step + (forGradient ? 8 : 0)
      work.lanes = Int32(max(0, min(kernels.lanes, columns - column)))
      work.count = min(Self.group, kernels.rows - row)
      work.elements = to + start * kernels.rows + row * width + column - start
      work.elements_step = width
      transforms.loops.kernels(&work)
    }
    if worker.index == 0 {
      let biases = to + kernels.bias
      for j in 0..<kernels.columns { biases[j] = 0 }
      if let bias {
        biases.update(from: memory.parameters[bias], count: depth)
      }
    }
  }
}
