import CStarlingKernels

/// The gradients of a 3 × 3 convolution's kernels and biases by Winograd's method.
///
/// Each step of the forward pass is linear in the kernels, and the gradient is what its transposes do in reverse:
///
///     V = Bᵀ d B,  dM = A dE/dY Aᵀ     for each tile
///     dU_ij = Σ_tiles V_i dM_j         for each element: [input channels × tiles] · [tiles × depth]
///     dE/dK_ji = Gᵀ dU_ij G            for each pair of channels
///     dE/db_j = Σ dE/dY_j
///
/// As long as dU is small, the batch is cut into fixed blocks, each with a dU of its own. A block is one worker's
/// work: a run of tiles at a time, whose V and dM stay in its cache; the last transform adds the blocks up in
/// their order. Where dU is large there is one block, and all workers share each run: they transform it together
/// and meet, then each adds the products to its own elements of dU, and they meet again. (What one processor has
/// written costs another more to read than all the rest.)
///
/// dE/dX is a convolution like the forward one: ``WinogradForward`` computes it.
package struct WinogradKernelGradient: Step {
  /// Where dE/dK is: [depth][input channels][3][3].
  package let weightGradient: Slot
  /// Where dE/db is: [depth].
  package let biasGradient: Slot?
  private let input, outputGradient: Activation
  private let padding: Int
  private let tiles: WinogradTiles
  /// How many parts of the batch have a dU of their own, and how many runs each of them comes in.
  package let blocks, runs: Int
  /// How many workers have room for V and dM.
  private let places: Int
  private let inputs, outputs, gradients: WinogradMatrices
  /// Where V, dM, dU and the partial sums of the biases' gradient are while it runs: steps may share it.
  package let scratch: Slot
  private let v, dM, dU: Slot
  /// The sums of dE/dY over the tiles of a group: [group][channels up to 16].
  private let partialBias: Slot?
  private let transforms: WinogradTransforms
  private let panels: Panels

  /// What the dU of all blocks take at most, in bytes.
  private static let bytesOfGradients = 10 << 20
  /// Tiles that are a unit of work in the transforms.
  private static let group = 16
  /// Groups of a run at least and at most: a product goes over all of its tiles.
  private static let groupsOfRun = 4...8
  /// What the factors and the result of an element's products take, so that they stay in the second-level cache.
  private static let bytesOfElement = 400 << 10
  /// Pairs of channels that are a unit of work in the last transform: one vector by so many input channels.
  private static let inputGroup = 16

  /// Lays the step out.
  ///
  /// - Parameters:
  ///   - input: The convolution's input in `channelsLast`, with a pitch that is a multiple of 16.
  ///   - padding: Rows and columns of zeros around it: 0, 1 or 2, whether or not they are there as a border.
  ///   - outputGradient: dE/dY in `channelsLast`. Its border is not read.
  ///   - size: The tile size.
  ///   - hasBias: Whether the biases' gradient is wanted: one bias a channel.
  ///   - workers: How many workers it has room for; more than that do little.
  ///   - shared: The scratch of another step, which is taken if it is large enough.
  ///   - layout: The workspace.
  ///   - set: The instruction set.
  package init(
    _ input: Activation, padding: Int, _ outputGradient: Activation, _ size: WinogradSize,
    hasBias: Bool, workers: Int = Parts.usual, sharing shared: Slot? = nil,
    in layout: inout WorkspaceLayout,
    for set: InstructionSet = .current
  ) {
    precondition(input.pitch % 16 == 0 && outputGradient.pitch % 16 == 0)
    self.input = input
    self.outputGradient = outputGradient
    self.padding = padding
    tiles = WinogradTiles(
      size: size, batch: outputGradient.batch, height: outputGradient.height,
      width: outputGradient.width)
    transforms = WinogradTransforms(size, for: set)
    panels = Panels(set)
    let lanes = panels.lanes
    let (rows, columns) = (input.channels, outputGradient.pitch)
    gradients = WinogradMatrices(size: size, rows: rows, columns: columns, lanes: lanes)
    let groups = (tiles.count + Self.group - 1) / Self.group
    let fitting = (Self.bytesOfElement / 4 - rows * columns) / (rows + columns) / Self.group
    let groupsOfRun = min(max(fitting, Self.groupsOfRun.lowerBound), Self.groupsOfRun.upperBound)
    let most = min(
      Parts.usual, Self.bytesOfGradients / (4 * gradients.count), groups / groupsOfRun)
    blocks = most < Parts.usual / 2 ? 1 : most
    places = min(blocks, workers)
    let groupsOfBlock = (groups + blocks - 1) / blocks
    runs = (groupsOfBlock + groupsOfRun - 1) / groupsOfRun
    let tilesOfRun = (groupsOfBlock + runs - 1) / runs * Self.group
    inputs = WinogradMatrices(size: size, rows: tilesOfRun, columns: input.pitch, lanes: lanes)
    outputs = WinogradMatrices(size: size, rows: tilesOfRun, columns: columns, lanes: lanes)
    let counts = [
      places * inputs.count, places * outputs.count, blocks * gradients.count,
      hasBias ? groups * columns : 0,
    ]
    scratch = layout.slot(counts.reduce(0, +), sharing: shared)
    var offset = scratch.offset
    let slots = counts.map { count in
      defer { offset += count }
      return Slot(offset: offset, count: count)
    }
    (v, dM, dU) = (slots[0], slots[1], slots[2])
    partialBias = hasBias ? slots[3] : nil
    weightGradient = layout.slot(outputGradient.channels * input.channels * 9)
    biasGradient = hasBias ? layout.slot(columns) : nil
  }

  package var task: String { "dE/dK" }
  package var algorithm: String { "Winograd F(\(tiles.size.rawValue)×\(tiles.size.rawValue))" }
  package var multiplyAdds: Int {
    tiles.count * tiles.size.elements * input.channels * outputGradient.pitch
  }
  package var bytes: Int {
    4 * (input.slot.count + outputGradient.slot.count + dU.count + weightGradient.count)
  }

  package func run(_ memory: Memory, _ worker: Worker) {
    let units = tiles.size.elements * gradients.blocks
    if blocks > 1 {
      for block in worker.share(of: blocks, among: places) {
        for run in 0..<runs {
          let groups = groups(block, run)
          transform(groups, of: groups, at: worker.index, memory)
          multiply(
            0..<units, of: groups, at: worker.index, block, isFirst: run == 0, memory)
        }
      }
      worker.barrier()
    } else {
      for run in 0..<runs {
        let groups = groups(0, run)
        let share = worker.share(of: groups.count)
        transform(
          groups.lowerBound + share.lowerBound..<groups.lowerBound + share.upperBound, of: groups,
          at: 0, memory)
        worker.barrier()
        multiply(worker.share(of: units), of: groups, at: 0, 0, isFirst: run == 0, memory)
        worker.barrier()
      }
    }
    finishKernels(memory, worker)
    finishBias(memory, worker)
  }

  /// The groups of tiles of a run.
  private func groups(_ block: Int, _ run: Int) -> Range<Int> {
    let all = (tiles.count + Self.group - 1) / Self.group
    let first = block * all / blocks
    let count = (block + 1) * all / blocks - first
    return first + run * count / runs..<first + (run + 1) * count / runs
  }

  /// Transforms some groups of a run's tiles.
  private func transform(
    _ groups: Range<Int>, of run: Range<Int>, at place: Int, _ memory: Memory
  ) {
    let windows = WinogradPixels.windows(
      of: input, padding: padding, size: tiles.size, in: memory)
    let pixels = WinogradPixels.blocks(of: outputGradient, step: tiles.size.rawValue, in: memory)
    let loops = transforms.loops
    for group in groups {
      let range = group * Self.group..<min((group + 1) * Self.group, tiles.count)
      let first = (group - run.lowerBound) * Self.group
      transform(
        range, of: windows, to: memory[v] + place * inputs.count, inputs, row: first, sums: nil,
        loops.input)
      let sums = partialBias.map { memory[$0] + group * outputs.columns }
      sums?.update(repeating: 0, count: outputs.columns)
      transform(
        range, of: pixels, to: memory[dM] + place * outputs.count, outputs, row: first, sums: sums,
        loops.output_gradient)
    }
  }

  /// Transforms some tiles to rows of matrices.
  @inline(__always)
  private func transform(
    _ range: Range<Int>, of pixels: WinogradPixels, to elements: UnsafeMutablePointer<Float>,
    _ matrices: WinogradMatrices, row: Int, sums: UnsafeMutablePointer<Float>?,
    _ loop: (@convention(c) (UnsafePointer<starling_winograd_tile>?) -> Void)?
  ) {
    guard let loop else { return }
    var row = row
    var first = starling_winograd_tile()
    first.element = matrices.element
    tiles.forEach(of: range, first, in: pixels) { tile in
      for block in 0..<matrices.blocks {
        let start = matrices.start(ofBlock: block)
        tile.channels = matrices.width(ofBlock: block)
        tile.elements = elements + matrices.offset(ofBlock: block, row: row)
        tile.sums = sums.map { $0 + start }
        loop(&tile)
        tile.pixels += tile.channels
        tile.next += tile.channels
      }
      row += 1
    }
  }

  /// Adds the products of a run to some panels of a block's dU.
  private func multiply(
    _ units: Range<Int>, of run: Range<Int>, at place: Int, _ block: Int, isFirst: Bool,
    _ memory: Memory
  ) {
    var panel = starling_panel.empty
    panel.a_row = 1
    panel.b_vector = panels.lanes
    panel.c_vector = panels.lanes
    panel.count_k = min(run.upperBound * Self.group, tiles.count) - run.lowerBound * Self.group
    panel.end = isFirst ? starling_panel_store : starling_panel_add
    for unit in units {
      let (element, column) = unit.quotientAndRemainder(dividingBy: gradients.blocks)
      let a = memory[v] + place * inputs.count + element * inputs.element
      let b = memory[dM] + place * outputs.count + element * outputs.element
      let c = memory[dU] + block * gradients.count + element * gradients.element
      panel.b_k = gradients.width(ofBlock: column)
      panel.c_row = panel.b_k
      panel.vectors = panel.b_k / panels.lanes
      panel.b = UnsafePointer(b + outputs.offset(ofBlock: column))
      // With lanes of four a pitch of whole sixteens may end with blocks that hold no channel.
      for row in 0..<inputs.blocks where inputs.start(ofBlock: row) < input.channels {
        let start = inputs.start(ofBlock: row)
        panel.a_k = inputs.width(ofBlock: row)
        panel.rows = min(panel.a_k, input.channels - start)
        panel.a = UnsafePointer(a + inputs.offset(ofBlock: row))
        panel.c = c + gradients.offset(ofBlock: column, row: start)
        panels.run(&panel)
      }
    }
  }

  /// dE/dK = Gᵀ dU G, for this worker's share of the pairs of channels.
  private func finishKernels(_ memory: Memory, _ worker: Worker) {
    let lanes = panels.lanes
    let depth = outputGradient.channels
    let inputDepth = input.channels
    let groups = (inputDepth + Self.inputGroup - 1) / Self.inputGroup
    var work = starling_winograd_kernels()
    work.lane = 9 * inputDepth
    work.step = 9
    work.tap = 1
    work.element = gradients.element
    work.parts = blocks
    work.part = gradients.count
    for unit in worker.share(of: (depth + lanes - 1) / lanes * groups) {
      let j = unit / groups * lanes
      let i = unit % groups * Self.inputGroup
      work.lanes = Int32(min(lanes, depth - j))
      work.count = min(Self.inputGroup, inputDepth - i)
      work.taps = memory[weightGradient] + (j * inputDepth + i) * 9
      let block = gradients.block(of: j)
      work.elements =
        memory[dU] + gradients.offset(ofBlock: block, row: i) + j - gradients.start(ofBlock: block)
      work.elements_step = gradients.width(ofBlock: block)
      transforms.loops.kernel_gradient(&work)
    }
  }

  /// dE/db, for this worker's share of the channels.
  private func finishBias(_ memory: Memory, _ worker: Worker) {
    guard let partialBias, let biasGradient else { return }
    let pitch = outputGradient.pitch
    for j in worker.share(of: outputGradient.channels) {
      var sum: Float = 0
      for at in stride(from: j, to: partialBias.count, by: pitch) { sum += memory[partialBias][at] }
      memory[biasGradient][j] = sum
    }
  }
}
