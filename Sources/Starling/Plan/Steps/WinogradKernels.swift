import CStarlingKernels

/// A matrix for each element of a transformed tile: [element][block of columns][row][column of the block].
///
/// Columns fill up vectors, and blocks of them are as wide as a panel: two vectors, and in the last three where
/// one would be left over. What a panel reads and writes lies side by side.
struct WinogradMatrices: Hashable, Sendable {
  let size: WinogradSize
  let rows, columns, lanes: Int

  /// How many blocks there are.
  var blocks: Int { max(1, columns / lanes / 2) }
  /// The block of a column.
  func block(of column: Int) -> Int { min(column / lanes / 2, blocks - 1) }
  /// The first column of a block.
  func start(ofBlock block: Int) -> Int { 2 * block * lanes }
  /// The columns of a block.
  func width(ofBlock block: Int) -> Int {
    (block < blocks - 1 ? start(ofBlock: block + 1) : columns) - start(ofBlock: block)
  }
  /// Floats from the first of an element to a block, from some row on.
  func offset(ofBlock block: Int, row: Int = 0) -> Int {
    start(ofBlock: block) * rows + row * width(ofBlock: block)
  }

  /// Floats from one element to the next: never a power of two, since a transform writes to all of them at once.
  var element: Int { rows * columns + 16 }
  /// Floats in all.
  var count: Int { size.elements * element }
}

/// Transformed kernels in memory, and behind them the biases.
///
/// For the forward pass rows are input channels i and columns outputs j, and a kernel is K_ji. For dE/dX rows are
/// outputs, columns input channels, and a kernel is K_ji turned by 180°.
package struct WinogradKernels: Hashable, Sendable {
  let matrices: WinogradMatrices
  /// Where they are.
  let slot: Slot

  var size: WinogradSize { matrices.size }
  var rows: Int { matrices.rows }
  var columns: Int { matrices.columns }
  /// Where the biases begin.
  var bias: Int { matrices.count }

  init(
    _ size: WinogradSize, rows: Int, columns: Int, lanes: Int, in layout: inout WorkspaceLayout
  ) {
    matrices = WinogradMatrices(
      size: size, rows: rows, columns: (columns + 15) / 16 * 16, lanes: lanes)
    slot = layout.slot(matrices.count + matrices.columns)
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
    panel.b_vector = matrices.lanes
    panel.c_row = output.pitch
    panel.c_vector = matrices.lanes
    for block in blocks {
      panel.b = u + element * matrices.element + matrices.offset(ofBlock: block)
      panel.b_k = matrices.width(ofBlock: block)
      panel.vectors = panel.b_k / matrices.lanes
      panel.c = m + element * output.element + matrices.start(ofBlock: block)
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
    let matrices = kernels.matrices
    let vectors = kernels.columns / matrices.lanes
    var work = starling_winograd_kernels()
    work.lane = forGradient ? 9 : 9 * inputDepth
    work.step = forGradient ? 9 * inputDepth : 9
    work.tap = forGradient ? -1 : 1
    work.element = matrices.element
    for unit in worker.share(of: vectors * groups) {
      let column = unit / groups * matrices.lanes
      let row = unit % groups * Self.group
      let block = matrices.block(of: column)
      work.taps =
        memory.parameters[weight] + column * work.lane + row * work.step + (forGradient ? 8 : 0)
      work.lanes = Int32(max(0, min(matrices.lanes, columns - column)))
      work.count = min(Self.group, kernels.rows - row)
      work.elements =
        to + matrices.offset(ofBlock: block, row: row) + column - matrices.start(ofBlock: block)
      work.elements_step = matrices.width(ofBlock: block)
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
