import CStarlingKernels

/// y = b + w·x for images in `batchLast`, from the weights as they lie.
///
/// The panel's rows are outputs, its vectors images: no lane is idle, whatever the number of outputs. The sums are
/// cut and added as those of ``DenseForward`` are, so that they have the same bits. A unit is a few outputs of
/// a few images.
struct DenseForwardSixteens: Step {
  let sizes: DenseSizes
  let weights: WeightRows
  /// The fixed blocks of inputs.
  let blocks: Parts
  let x, y: Activation
  private let panels: Panels
  /// The outputs of a unit.
  private let outputs: Parts
  /// Sixteens of images of a unit.
  private let sixteens: Int

  init(
    _ sizes: DenseSizes, _ weights: WeightRows, blocks: Parts, x: Activation, y: Activation,
    panels: Panels = .current
  ) {
    self.sizes = sizes
    self.weights = weights
    self.blocks = blocks
    self.x = x
    self.y = y
    self.panels = panels
    let tile = panels.tileRows(vectors: DenseForwardSixteens.vectors)
    outputs = Parts(sizes.outputs, most: (sizes.outputs + tile - 1) / tile)
    sixteens = max(1, DenseForwardSixteens.vectors * panels.lanes / 16)
  }

  /// Vectors of a panel: with two, a tile has many rows, and each number of the images is loaded for all of them.
  private static let vectors = 2

  var task: String { "forward" }
  var algorithm: String { "panels, batchLast" }
  var multiplyAdds: Int { sizes.multiplyAdds }
  var bytes: Int { sizes.forwardBytes }

  /// The block of the weights stays in the cache while all images use it.
  func run(_ memory: Memory, _ worker: Worker) {
    let teams = (x.imageBlocks + sixteens - 1) / sixteens
    let units = worker.share(of: teams * outputs.count)
    for block in 0..<blocks.count {
      for unit in units {
        let (team, part) = unit.quotientAndRemainder(dividingBy: outputs.count)
        let first = team * sixteens
        add(
          blocks[block], outputs[part], first..<min(first + sixteens, x.imageBlocks),
          isFirst: block == 0, memory)
      }
    }
    let bias = memory.parameters[sizes.bias]
    for unit in units {
      let (team, part) = unit.quotientAndRemainder(dividingBy: outputs.count)
      for group in team * sixteens..<min((team + 1) * sixteens, x.imageBlocks) {
        for o in outputs[part] {
          let sums = memory[y.slot] + group * y.imageStride + 16 * o
          VectorLoops.store(VectorLoops.load(sums) + bias[o], sums)
        }
      }
    }
  }

  /// Adds the products with one block of inputs to some sums of some images, or starts them with it.
  @inline(__always)
  private func add(
    _ inputs: Range<Int>, _ outputs: Range<Int>, _ groups: Range<Int>, isFirst: Bool,
    _ memory: Memory
  ) {
    var panel = starling_panel.empty
    panel.a = UnsafePointer(
      weights.first(memory) + outputs.lowerBound * weights.pitch + inputs.lowerBound)
    panel.a_row = weights.pitch
    panel.a_k = 1
    panel.count_k = inputs.count
    panel.rows = outputs.count
    panel.b_k = 16
    panel.c_row = 16
    panel.end = isFirst ? starling_panel_store : starling_panel_add
    let b = memory[x.slot] + groups.lowerBound * x.imageStride + 16 * inputs.lowerBound
    let c = memory[y.slot] + groups.lowerBound * y.imageStride + 16 * outputs.lowerBound
    // Neighbouring vectors are neighbouring sixteens, or parts of one where the machine's are shorter.
    let isWhole = panels.lanes == 16
    panel.vectors = isWhole ? groups.count : DenseForwardSixteens.vectors
    panel.b_vector = isWhole ? x.imageStride : panels.lanes
    panel.c_vector = isWhole ? y.imageStride : panels.lanes
    for lane in stride(from: 0, to: 16, by: isWhole ? 16 : panel.vectors * panels.lanes) {
      panel.b = UnsafePointer(b + lane)
      panel.c = c + lane
      panels.run(&panel)
    }
  }
}
