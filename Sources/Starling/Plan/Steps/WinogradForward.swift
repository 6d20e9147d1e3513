import CStarlingKernels

/// A 3 × 3 convolution of stride 1 by Winograd's method: bias, ReLU and 2 × 2 max pooling included.
///
///     V = Bᵀ d B      for each tile d of the input and each channel i
///     M = V U         for each element: [tiles × input channels] · [input channels × depth]
///     Y = Aᵀ M A + b  for each tile and each kernel j
///
/// A run of tiles goes through all three before the next one comes, so that V and M stay in the cache. Each element
/// of M is one chain of multiply-adds over i: an output has the same bits in any batch, with any number of workers.
/// A tile takes (m + 2)² · input channels · depth multiply-adds, and the transforms some 4 (m + 2)² additions and
/// multiplications a channel of either side.
///
/// With the kernels that ``WinogradPackKernels`` makes for the gradient, and dE/dY for the input, it computes
/// dE/dX: dE/dX_i = Σ_j dE/dY_j ∗ K_ji, with a padding of 2 less the convolution's own.
package struct WinogradForward: Step {
  /// What an output goes through after the bias.
  package struct End: Sendable {
    /// Whether negative outputs become 0.
    var hasReLU = false
    /// Whether the largest of each 2 × 2 outputs is all that is kept.
    var hasPooling = false
    /// Where it is noted which of the four was the largest, a byte for each output in
    /// [image][row][column][channels up to 16]: 0 to 3 count the window in rows, the first of equals wins, and
    /// 4 says that it did not pass the ReLU.
    var positions: Slot?

    /// Nothing else.
    package static let none = End()
    /// A ReLU.
    package static let relu = End(hasReLU: true)
    /// Max pooling, with or without a ReLU; and a record for the backward pass.
    package static func pooling(relu: Bool, positions: Slot?) -> End {
      End(hasReLU: relu, hasPooling: true, positions: positions)
    }
  }

  private let input, output: Activation
  private let padding: Int
  private let kernels: WinogradKernels
  private let end: End
  private let tiles: WinogradTiles
  /// Runs of tiles.
  package let units: Int
  /// Groups of kernels: where many kernels meet the tiles of a single run, the kernels are shared out and not the
  /// tiles, so that each kernel is read by one worker only.
  private let groups: Int
  private let inputElements, outputElements: WinogradElements
  /// Where V and M are while it runs, for each worker: steps may share it.
  package let scratch: Slot
  private let workers: Int
  private let transforms: WinogradTransforms
  private let panels: Panels

  /// Lays the step out.
  ///
  /// - Parameters:
  ///   - input: The input in `channelsLast`, with a pitch that is a multiple of 16.
  ///   - padding: Rows and columns of zeros around it: 0, 1 or 2, whether or not they are there as a border.
  ///   - kernels: The transformed kernels.
  ///   - end: What comes after the bias.
  ///   - output: The output in `channelsLast`; only what lies inside its border is written.
  ///   - workers: How many workers it has room for; more than that have nothing to do.
  ///   - shared: The scratch of another step, which is taken if it is large enough.
  ///   - layout: The workspace.
  ///   - set: The instruction set.
  package init(
    _ input: Activation, padding: Int, _ kernels: WinogradKernels, _ end: End = .none,
    to output: Activation, workers: Int,
    sharing shared: Slot? = nil, in layout: inout WorkspaceLayout,
    for set: InstructionSet = .current
  ) {
    precondition(input.pitch % 16 == 0 && output.pitch == kernels.columns)
    self.input = input
    self.output = output
    self.padding = padding
    self.kernels = kernels
    self.end = end
    self.workers = workers
    let size = kernels.size
    tiles = WinogradTiles(
      size: size, batch: input.batch, height: output.height * (end.hasPooling ? 2 : 1),
      width: output.width * (end.hasPooling ? 2 : 1))
    let isOneRun =
      tiles.count <= WinogradForward.tilesOfUnit && kernels.matrices.blocks >= workers
      && kernels.slot.count >= WinogradForward.manyKernels
    groups = isOneRun ? workers : 1
    units = WinogradForward.units(of: tiles, workers: isOneRun ? 1 : workers)
    let most = (tiles.count + units - 1) / units
    inputElements = WinogradElements(size, tiles: most, channels: input.pitch)
    outputElements = WinogradElements(size, tiles: most, channels: output.pitch)
    scratch = layout.slot(
      workers * (inputElements.count + outputElements.count), sharing: shared)
    transforms = WinogradTransforms(size, for: set)
    panels = Panels(set)
  }

  /// Tiles that go through all transforms together: four register tiles of the products.
  ///
  /// More would not stay in the second-level cache, fewer would fetch the kernels more often.
  private static let tilesOfUnit = 56

  /// Floats of kernels that a second-level cache hardly holds.
  private static let manyKernels = 1 << 18

  /// How many runs of tiles there are: as many for each worker.
  private static func units(of tiles: WinogradTiles, workers: Int) -> Int {
    let least = (tiles.count + tilesOfUnit - 1) / tilesOfUnit
    return min(tiles.count, (least + workers - 1) / workers * workers)
  }

  package var task: String { "forward" }
  package var algorithm: String { "Winograd F(\(kernels.size.rawValue)×\(kernels.size.rawValue))" }
  package var multiplyAdds: Int {
    tiles.count * kernels.size.elements * kernels.rows * kernels.columns
  }
  package var bytes: Int { 4 * (input.slot.count + output.slot.count + kernels.slot.count) }

  package func run(_ memory: Memory, _ worker: Worker) {
    let share = worker.share(of: units * groups, among: workers)
    let loops = transforms.loops
    guard !share.isEmpty, let inputTransform = loops.input,
      let outputTransform = end.hasPooling ? loops.pooled_output : loops.output
    else { return }
    let v = memory[scratch] + worker.index * (inputElements.count + outputElements.count)
    let m = v + inputElements.count
    let u = memory[kernels.slot]
    let matrices = kernels.matrices
    let windows = WinogradPixels.windows(
      of: input, padding: padding, size: kernels.size, in: memory)
    let blocks = WinogradPixels.blocks(
      of: output, step: kernels.size.rawValue / (end.hasPooling ? 2 : 1), in: memory)
    let positions = end.positions.map {
      UnsafeMutableRawPointer(memory[$0]).assumingMemoryBound(to: UInt8.self)
    }

    var inputTile = starling_winograd_tile()
    inputTile.elements = v
    inputTile.element = inputElements.element
    inputTile.channels = input.pitch
    var outputTile = starling_winograd_tile()
    outputTile.element = outputElements.element
    outputTile.floor = end.hasReLU ? 0 : -.infinity

    var run = -1
    for unit in share {
      let (next, group) = unit.quotientAndRemainder(dividingBy: groups)
      let range = next * tiles.count / units..<(next + 1) * tiles.count / units
      if next != run {
        tiles.forEach(of: range, inputTile, in: windows) { tile in
          inputTransform(&tile)
          tile.elements += inputElements.pitch
        }
      }
      run = next
      let some = group * matrices.blocks / groups..<(group + 1) * matrices.blocks / groups
      for element in 0..<kernels.size.elements {
        kernels.multiply(
          element: element, blocks: some, tiles: range.count, v, inputElements, m, outputElements,
          u, panels)
      }
      let first = matrices.start(ofBlock: some.lowerBound)
      let end = group == groups - 1 ? output.pitch : matrices.start(ofBlock: some.upperBound)
      outputTile.elements = m + first
      outputTile.channels = end - first
      outputTile.bias = UnsafePointer(u + kernels.bias + first)
      var pixels = blocks
      pixels.first += first
      tiles.forEach(of: range, outputTile, in: pixels, positions: positions.map { $0 + first }) {
        tile in
        outputTransform(&tile)
        tile.elements += outputElements.pitch
      }
    }
  }
}
