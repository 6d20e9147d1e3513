/// The weights of a dense layer for one image at a time, as a copy in which they are read from the beginning to the
/// end: [part of the inputs][block of inputs][output][input].
///
/// A worker's parts stay in its own cache from pass to pass, and no two workers share a cache line. The last
/// part's last vector is filled up by weights that are zero and stay so, since their x is made zero.
struct WeightBlocks: Hashable, Sendable {
  let sizes: DenseSizes
  let parts: Parts
  let slot: Slot
  /// Where each part begins.
  private let offsets: [Int]

  /// Inputs of a block: 4 vectors of 16, with which a block of a hundred outputs stays in the first-level cache.
  static let block = 64

  init(_ sizes: DenseSizes, _ parts: Parts, in workspace: inout WorkspaceLayout) {
    precondition(parts.fillVectors, "a vector would reach into the next part, \(parts)")
    self.sizes = sizes
    self.parts = parts
    var offsets: [Int] = []
    var end = 0
    for part in 0..<parts.count {
      offsets.append(end)
      end += (parts[part].count + 15) / 16 * 16 * sizes.outputs
    }
    self.offsets = offsets
    slot = workspace.slot(end)
  }

  /// Calls `body` with each block of a part: its weights, its first input, and how many sixteens of inputs it has.
  ///
  /// A pass over the weights that turns back where the one before it ended finds its first blocks in the cache.
  @inline(__always)
  func forEachBlock(
    of part: Int, _ memory: Memory, backwards: Bool = false,
    _ body: (UnsafeMutablePointer<Float>, Int, Int) -> Void
  ) {
    let inputs = parts[part]
    let weights = memory[slot] + offsets[part]
    let blocks = (inputs.count + WeightBlocks.block - 1) / WeightBlocks.block
    for number in 0..<blocks {
      let start = (backwards ? blocks - 1 - number : number) * WeightBlocks.block
      let sixteens = (min(WeightBlocks.block, inputs.count - start) + 15) / 16
      body(weights + start * sizes.outputs, inputs.lowerBound + start, sixteens)
    }
  }
}

/// Copies the weights from the network's tensor to their blocks, or back.
struct CopyWeightBlocks: Step {
  let weights: WeightBlocks
  let isBack: Bool

  var task: String { isBack ? "weights back" : "copy weights" }
  var algorithm: String { "by parts" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 8 * weights.sizes.inputs * weights.sizes.outputs }

  func run(_ memory: Memory, _ worker: Worker) {
    let sizes = weights.sizes
    for part in worker.share(of: weights.parts.count) {
      let end = weights.parts[part].upperBound
      weights.forEachBlock(of: part, memory) { block, first, sixteens in
        let count = min(16 * sixteens, end - first)
        for o in 0..<sizes.outputs {
          let row = memory.parameters[sizes.weight] + o * sizes.inputs + first
          let copy = block + o * 16 * sixteens
          if isBack {
            row.update(from: copy, count: count)
          } else {
            copy.update(from: row, count: count)
          }
        }
      }
    }
  }
}

/// w·x for one image in training: a sum for each part of the inputs.
struct DenseDotsOne: Step {
  let weights: WeightBlocks
  let x: Slot
  /// For each part the sums of each lane, [output][16], and then the sums, [output].
  let sums: Slot
  var loops = DenseLoops.current

  var task: String { "forward" }
  var algorithm: String { "dots, parts of inputs" }
  var multiplyAdds: Int { weights.sizes.multiplyAdds }
  var bytes: Int { 4 * weights.sizes.inputs * (weights.sizes.outputs + 1) }
  var isSerial: Bool { weights.parts.count == 1 }
  var localParts: Parts? { isSerial ? nil : weights.parts }

  /// From the sums of one part to those of the next.
  static func stride(_ sizes: DenseSizes) -> Int {
    16 * sizes.outputs + (sizes.outputs + 15) / 16 * 16
  }

  func run(_ memory: Memory, _ worker: Worker) {
    let (inputs, outputs) = (weights.sizes.inputs, weights.sizes.outputs)
    for part in worker.share(of: weights.parts.count) {
      if part == weights.parts.count - 1 {
        // What lies behind x may be anything.
        (memory[x] + inputs).update(repeating: 0, count: (16 - inputs % 16) % 16)
      }
      let lanes = memory[sums] + part * DenseDotsOne.stride(weights.sizes)
      lanes.update(repeating: 0, count: 16 * outputs)
      weights.forEachBlock(of: part, memory) { block, first, sixteens in
        loops.dots(block, outputs, memory[x] + first, sixteens: sixteens, lanes)
      }
      loops.fold(lanes, outputs, lanes + 16 * outputs)
    }
  }
}

/// y = b + w·x from the sums over the parts of the inputs, in their order.
struct DenseSumOne: Step {
  let weights: WeightBlocks
  let sums: Slot
  let y: Slot

  var task: String { "forward: sum" }
  var algorithm: String { "one worker" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 4 * weights.sizes.outputs * (weights.parts.count + 2) }
  var isSerial: Bool { true }

  func run(_ memory: Memory, _ worker: Worker) {
    guard worker.index == 0 else { return }
    let sizes = weights.sizes
    let stride = DenseDotsOne.stride(sizes)
    let (y, sums) = (memory[y], memory[sums] + 16 * sizes.outputs)
    let bias = memory.parameters[sizes.bias]
    for part in 1..<max(1, weights.parts.count) {
      VectorLoops.addScaled(1, sums + part * stride, to: sums, sizes.outputs)
    }
    for o in 0..<sizes.outputs { y[o] = sums[o] + bias[o] }
  }
}

/// dE/dx = wᵀ·dE/dy and w ← w − η·dE/dy·xᵀ for one image, in one pass over the weights.
struct DenseDescentOne: Step {
  let weights: WeightBlocks
  let x: Slot
  let dY: Slot
  let dX: Slot
  var loops = DenseLoops.current

  var task: String { "dE/dx, dE/dw, update" }
  var algorithm: String { "strips, parts of inputs" }
  var multiplyAdds: Int { 2 * weights.sizes.multiplyAdds }
  var bytes: Int { 4 * weights.sizes.inputs * (2 * weights.sizes.outputs + 2) }
  var isSerial: Bool { weights.parts.count == 1 }
  var localParts: Parts? { isSerial ? nil : weights.parts }

  func run(_ memory: Memory, _ worker: Worker) {
    for part in worker.share(of: weights.parts.count).reversed() {
      weights.forEachBlock(of: part, memory, backwards: true) { block, first, sixteens in
        loops.descend(
          block, weights.sizes.outputs, memory[dY], memory.learningRate, memory[x] + first,
          sixteens: sixteens, memory[dX] + first)
      }
    }
  }
}
