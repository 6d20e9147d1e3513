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
/// The batch comes in fixed runs of tiles, as many as keep V and dM in the cache. All workers transform a run
/// together and meet; then each adds what the run contributes to its own elements of dU, and they meet again. So
/// each number of dU has one owner, who adds the tiles in their order: there are no partial sums.
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
  /// How many runs the batch comes in.
  package let runs: Int
  private let inputElements, outputElements: WinogradElements
  /// Where V, dM, dU and the partial sums of the biases' gradient are while it runs: steps may share it.
  package let scratch: Slot
  private let v, dM, dU: Slot
  /// The sums of dE/dY over the tiles of a group: [group][channels up to 16].
  private let partialBias: Slot?
  private let transforms: WinogradTransforms
  private let panels: Panels

  /// What the transformed tiles of a run take at most, as long as they are enough for a product: the
  /// third-level cache holds them with room to spare.
  private static let bytesOfRun = 4 << 20
  /// Tiles that are a unit of work in the transforms.
  private static let group = 16
  /// Tiles that a product goes over at a time, so that its factors stay in the first-level cache.
  private static let depthOfProduct = 128
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
  ///   - shared: The scratch of another step, which is taken if it is large enough.
  ///   - layout: The workspace.
  ///   - set: The instruction set.
  package init(
    _ input: Activation, padding: Int, _ outputGradient: Activation, _ size: WinogradSize,
    hasBias: Bool, sharing shared: Slot? = nil, in layout: inout WorkspaceLayout,
    for set: InstructionSet = .current
  ) {
    precondition(input.pitch % 16 == 0 && outputGradient.pitch % 16 == 0)
    self.input = input
    self.outputGradient = outputGradient
    self.padding = padding
    tiles = WinogradTiles(
      size: size, batch: outputGradient.batch, height: outputGradient.height,
      width: outputGradient.width)
    let bytesOfTile = 4 * size.elements * (input.pitch + outputGradient.pitch)
    let tilesOfRun = max(Self.depthOfProduct, Self.bytesOfRun / bytesOfTile)
    let groups = (tiles.count + Self.group - 1) / Self.group
    runs = (groups * Self.group + tilesOfRun - 1) / tilesOfRun
    let most = (groups + runs - 1) / runs * Self.group
    inputElements = WinogradElements(size, tiles: most, channels: input.pitch)
    outputElements = WinogradElements(size, tiles: most, channels: outputGradient.pitch)
    let counts = [
      inputElements.count, outputElements.count,
      size.elements * (input.channels * outputGradient.pitch + 16),
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
    let groups = (tiles.count + Self.group - 1) / Self.group
    for run in 0..<runs {
      let range = run * groups / runs..<(run + 1) * groups / runs
      transform(groups: range, memory, worker)
      worker.barrier()
      let last = min(range.upperBound * Self.group, tiles.count)
      multiply(tiles: last - range.lowerBound * Self.group, isFirst: run == 0, memory, worker)
      worker.barrier()
    }
    finishKernels(memory, worker)
    finishBias(memory, worker)
  }

  /// Transforms this worker's share of some groups of tiles.
  private func transform(groups: Range<Int>, _ memory: Memory, _ worker: Worker) {
    let windows = WinogradPixels.windows(
      of: input, padding: padding, size: tiles.size, in: memory)
    let blocks = WinogradPixels.blocks(of: outputGradient, step: tiles.size.rawValue, in: memory)
    var inputTile = starling_winograd_tile()
    inputTile.element = inputElements.element
    inputTile.channels = input.pitch
    var outputTile = starling_winograd_tile()
    outputTile.element = outputElements.element
    outputTile.channels = outputGradient.pitch
    let loops = transforms.loops
    for unit in worker.share(of: groups.count) {
      let group = groups.lowerBound + unit
      let range = group * Self.group..<min((group + 1) * Self.group, tiles.count)
      inputTile.elements = memory[v] + unit * Self.group * inputElements.pitch
      tiles.forEach(of: range, inputTile, step: inputElements.pitch, in: windows, loops.input)
      if let partialBias {
        let sums = memory[partialBias] + group * outputGradient.pitch
        for j in 0..<outputGradient.pitch { sums[j] = 0 }
        outputTile.sums = sums
      }
      outputTile.elements = memory[dM] + unit * Self.group * outputElements.pitch
      tiles.forEach(
        of: range, outputTile, step: outputElements.pitch, in: blocks, loops.output_gradient)
    }
  }

  /// Adds a run's products to this worker's share of dU.
  private func multiply(tiles count: Int, isFirst: Bool, _ memory: Memory, _ worker: Worker) {
    let lanes = panels.lanes
    let vectors = outputGradient.pitch / lanes
    let blocks = max(1, vectors / 2)
    var panel = starling_panel.empty
    panel.a_row = 1
    panel.a_k = inputElements.pitch
    panel.b_vector = lanes
    panel.b_k = outputElements.pitch
    panel.c_row = outputGradient.pitch
    panel.c_vector = lanes
    panel.rows = input.channels
    for unit in worker.share(of: tiles.size.elements * blocks) {
      let element = unit / blocks
      let block = unit % blocks
      panel.vectors = block < blocks - 1 ? 2 : vectors - 2 * block
      panel.c = memory[dU] + element * gradientElement + 2 * block * lanes
      let a = memory[v] + element * inputElements.element
      let b = memory[dM] + element * outputElements.element + 2 * block * lanes
      for first in stride(from: 0, to: count, by: Self.depthOfProduct) {
        panel.a = UnsafePointer(a + first * inputElements.pitch)
        panel.b = UnsafePointer(b + first * outputElements.pitch)
        panel.count_k = min(Self.depthOfProduct, count - first)
        panel.end = isFirst && first == 0 ? starling_panel_store : starling_panel_add
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
    work.element = gradientElement
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
