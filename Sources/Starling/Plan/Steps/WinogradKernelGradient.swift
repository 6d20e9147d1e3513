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
  private let inputElements, outputElements: WinogradElements
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
  /// Groups of a run: a product goes over all of its tiles, and its factors stay in the first-level cache.
  private static let groupsOfRun = 8
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
    let groups = (tiles.count + Self.group - 1) / Self.group
    let gradients = size.elements * (input.channels * outputGradient.pitch + 16)
    let most = min(Parts.usual, Self.bytesOfGradients / (4 * gradients), groups / Self.groupsOfRun)
    blocks = most < Parts.usual / 2 ? 1 : most
    places = min(blocks, workers)
    let groupsOfBlock = (groups + blocks - 1) / blocks
    runs = (groupsOfBlock + Self.groupsOfRun - 1) / Self.groupsOfRun
    let tilesOfRun = (groupsOfBlock + runs - 1) / runs * Self.group
    inputElements = WinogradElements(size, tiles: tilesOfRun, channels: input.pitch)
    outputElements = WinogradElements(size, tiles: tilesOfRun, channels: outputGradient.pitch)
    let counts = [
      places * inputElements.count, places * outputElements.count, blocks * gradients,
      hasBias ? groups * outputGradient.pitch : 0,
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
    biasGradient = hasBias ? layout.slot(outputGradient.pitch) : nil
    transforms = WinogradTransforms(size, for: set)
    panels = Panels(set)
  }

  package var task: String { "dE/dK" }
  package var algorithm: String { "Winograd F(\(tiles.size.rawValue)×\(tiles.size.rawValue))" }
  package var multiplyAdds: Int {
    tiles.count * tiles.size.elements * input.channels * outputGradient.pitch
  }
  package var bytes: Int {
    4 * (input.slot.count + outputGradient.slot.count + dU.count + weightGradient.count)
  }

  /// Floats from one element of dU to the next: never a power of two.
  private var gradientElement: Int { input.channels * outputGradient.pitch + 16 }

  package func run(_ memory: Memory, _ worker: Worker) {
    let units = tiles.size.elements * panelsOfRow
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
    var inputTile = starling_winograd_tile()
    inputTile.element = inputElements.element
    inputTile.channels = input.pitch
    var outputTile = starling_winograd_tile()
    outputTile.element = outputElements.element
    outputTile.channels = outputGradient.pitch
    let loops = transforms.loops
    for group in groups {
      let range = group * Self.group..<min((group + 1) * Self.group, tiles.count)
      let first = (group - run.lowerBound) * Self.group
      inputTile.elements = memory[v] + place * inputElements.count + first * inputElements.pitch
      tiles.forEach(of: range, inputTile, step: inputElements.pitch, in: windows, loops.input)
      if let partialBias {
        let sums = memory[partialBias] + group * outputGradient.pitch
        for j in 0..<outputGradient.pitch { sums[j] = 0 }
        outputTile.sums = sums
      }
      outputTile.elements =
        memory[dM] + place * outputElements.count + first * outputElements.pitch
      tiles.forEach(
        of: range, outputTile, step: outputElements.pitch, in: pixels, loops.output_gradient)
    }
  }

  /// How many panels the columns of a product take.
  private var panelsOfRow: Int { max(1, outputGradient.pitch / panels.lanes / 2) }

  /// Adds the products of a run to some panels of a block's dU.
  private func multiply(
    _ units: Range<Int>, of run: Range<Int>, at place: Int, _ block: Int, isFirst: Bool,
    _ memory: Memory
  ) {
    let lanes = panels.lanes
    let panelsOfRow = panelsOfRow
    var panel = starling_panel.empty
    panel.a_row = 1
    panel.a_k = inputElements.pitch
    panel.b_vector = lanes
    panel.b_k = outputElements.pitch
    panel.count_k = min(run.upperBound * Self.group, tiles.count) - run.lowerBound * Self.group
    panel.c_row = outputGradient.pitch
    panel.c_vector = lanes
    panel.rows = input.channels
    panel.end = isFirst ? starling_panel_store : starling_panel_add
    let a = memory[v] + place * inputElements.count
    let b = memory[dM] + place * outputElements.count
    let c = memory[dU] + block * tiles.size.elements * gradientElement
    for unit in units {
      let (element, part) = unit.quotientAndRemainder(dividingBy: panelsOfRow)
      let start = 2 * part * lanes
      panel.vectors =
        part < panelsOfRow - 1 ? 2 : outputGradient.pitch / lanes - 2 * part
      panel.a = UnsafePointer(a + element * inputElements.element)
      panel.b = UnsafePointer(b + element * outputElements.element + start)
      panel.c = c + element * gradientElement + start
      panels.run(&panel)
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
    work.element = gradientElement
    work.parts = blocks
    work.part = tiles.size.elements * gradientElement
    work.elements_step = outputGradient.pitch
    for unit in worker.share(of: (depth + lanes - 1) / lanes * groups) {
      let j = unit / groups * lanes
      let i = unit % groups * Self.inputGroup
      work.lanes = Int32(min(lanes, depth - j))
      work.count = min(Self.inputGroup, inputDepth - i)
      work.taps = memory[weightGradient] + (j * inputDepth + i) * 9
      work.elements = memory[dU] + i * outputGradient.pitch + j
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
