/// The weights of a dense layer, cut into fixed parts of its inputs, so that a worker's parts stay in its own cache
/// from pass to pass.
///
/// In an epoch of training they are copied part by part, [part][output][input], each row up to whole vectors of 16:
/// then no two workers share a cache line, and a part is read from its beginning to its end. A single step leaves
/// them where they are.
struct WeightParts: Hashable, Sendable {
  let sizes: DenseSizes
  let parts: Parts
  /// Where the copy is, if there is one.
  let copy: Slot?
  /// Where each part begins in the copy.
  private let offsets: [Int]

  init(
    _ sizes: DenseSizes, _ parts: Parts, isCopied: Bool, in workspace: inout WorkspaceLayout
  ) {
    self.sizes = sizes
    self.parts = parts
    var offsets: [Int] = []
    var end = 0
    for part in 0..<parts.count {
      offsets.append(end)
      end += WeightParts.padded(parts[part].count) * sizes.outputs
    }
    self.offsets = offsets
    copy = isCopied ? workspace.slot(end) : nil
  }

  /// From the sums of one part to those of the next: whole cache lines.
  var sumStride: Int { WeightParts.padded(sizes.outputs) }

  /// The first weight of a part, floats from one output to the next, and how many inputs there are: with those
  /// that fill up a copy's last vector, whose weights are zero and stay so, since their x is.
  @inline(__always)
  subscript(part: Int, memory: Memory) -> (
    first: UnsafeMutablePointer<Float>, pitch: Int, count: Int
  ) {
    let inputs = parts[part]
    guard let copy else {
      return (
        memory.parameters[sizes.weight] + inputs.lowerBound, sizes.inputs, inputs.count
      )
    }
    let pitch = WeightParts.padded(inputs.count)
    return (memory[copy] + offsets[part], pitch, pitch)
  }

  private static func padded(_ count: Int) -> Int { (count + 15) / 16 * 16 }
}

/// Copies the weights from the network's tensor part by part, or back.
struct CopyWeightParts: Step {
  let weights: WeightParts
  let isBack: Bool

  var task: String { isBack ? "weights back" : "copy weights" }
  var algorithm: String { "by parts" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 8 * weights.sizes.inputs * weights.sizes.outputs }

  func run(_ memory: Memory, _ worker: Worker) {
    let sizes = weights.sizes
    for part in worker.share(of: weights.parts.count) {
      let inputs = weights.parts[part]
      let (copy, pitch, _) = weights[part, memory]
      for o in 0..<sizes.outputs {
        let row = memory.parameters[sizes.weight] + o * sizes.inputs + inputs.lowerBound
        if isBack {
          row.update(from: copy + o * pitch, count: inputs.count)
        } else {
          (copy + o * pitch).update(from: row, count: inputs.count)
        }
      }
    }
  }
}

/// w·x for one image in training, from the weights as they are, each read once: a sum for each part of the inputs.
struct DenseDotsOne: Step {
  let sizes: DenseSizes
  let weights: WeightParts
  let x: Slot
  /// The sums, [part][output].
  let sums: Slot
  var loops = DenseLoops.current

  var task: String { "forward" }
  var algorithm: String { "dots, parts of inputs" }
  var multiplyAdds: Int { sizes.multiplyAdds }
  var bytes: Int { 4 * sizes.inputs * (sizes.outputs + 1) }
  var isSerial: Bool { weights.parts.count == 1 }
  var localParts: Parts? { isSerial ? nil : weights.parts }

  func run(_ memory: Memory, _ worker: Worker) {
    for part in worker.share(of: weights.parts.count) {
      let (w, pitch, count) = weights[part, memory]
      loops.dots(
        w, pitch, sizes.outputs, memory[x] + weights.parts[part].lowerBound, count,
        memory[sums] + part * weights.sumStride)
    }
  }
}

/// y = b + w·x from the sums over the parts of the inputs, in their order.
struct DenseSumOne: Step {
  let sizes: DenseSizes
  let weights: WeightParts
  let sums: Slot
  let y: Slot

  var task: String { "forward: sum" }
  var algorithm: String { "one worker" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 4 * sizes.outputs * (weights.parts.count + 2) }
  var isSerial: Bool { true }

  func run(_ memory: Memory, _ worker: Worker) {
    guard worker.index == 0 else { return }
    let (y, sums) = (memory[y], memory[sums])
    let bias = memory.parameters[sizes.bias]
    for part in 1..<max(1, weights.parts.count) {
      VectorLoops.addScaled(1, sums + part * weights.sumStride, to: sums, sizes.outputs)
    }
    for o in 0..<sizes.outputs { y[o] = sums[o] + bias[o] }
  }
}

/// dE/dx = wᵀ·dE/dy and w ← w − η·dE/dy·xᵀ for one image, in one pass over the weights.
struct DenseDescentOne: Step {
  let sizes: DenseSizes
  let weights: WeightParts
  let x: Slot
  let dY: Slot
  let dX: Slot
  var loops = DenseLoops.current

  var task: String { "dE/dx, dE/dw, update" }
  var algorithm: String { "strips, parts of inputs" }
  var multiplyAdds: Int { 2 * sizes.multiplyAdds }
  var bytes: Int { 4 * sizes.inputs * (2 * sizes.outputs + 2) }
  var isSerial: Bool { weights.parts.count == 1 }
  var localParts: Parts? { isSerial ? nil : weights.parts }

  func run(_ memory: Memory, _ worker: Worker) {
    for part in worker.share(of: weights.parts.count) {
      let (w, pitch, count) = weights[part, memory]
      let first = weights.parts[part].lowerBound
      loops.descend(
        w, pitch, sizes.outputs, memory[dY], memory.learningRate, memory[x] + first, count,
        memory[dX] + first)
    }
  }
}
