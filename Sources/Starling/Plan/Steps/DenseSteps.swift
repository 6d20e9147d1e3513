import CStarlingKernels

/// The sizes of a dense layer in a plan, and which tensors are its own.
struct DenseSizes: Hashable, Sendable {
  let batch, inputs, outputs: Int
  /// The numbers of the layer's weight and bias among all tensors of the network.
  let weight, bias: Int

  /// Multiply-adds of one pass over the batch.
  var multiplyAdds: Int { batch * inputs * outputs }
  /// Bytes that the forward pass reads and writes.
  var forwardBytes: Int { 4 * (inputs * (outputs + batch) + batch * outputs) }
}

/// The weights of a dense layer, turned over so that the outputs lie side by side: [strip][input][output],
/// where a strip is as many outputs as a panel has columns.
struct DensePacking: Hashable, Sendable {
  let slot: Slot
  let inputs, outputs: Int
  /// Where each strip's outputs begin, in whole vectors of 16, and behind the last the end.
  let strips: Parts

  /// The outputs, up to whole vectors of 16.
  var paddedOutputs: Int { (outputs + 15) / 16 * 16 }

  init(_ sizes: DenseSizes, in workspace: inout WorkspaceLayout) {
    inputs = sizes.inputs
    outputs = sizes.outputs
    let vectors = (outputs + 15) / 16
    strips = Parts(vectors, most: (vectors + 3) / 4)
    slot = workspace.slot(inputs * vectors * 16)
  }
}

/// Turns the weights over: wᵀ.
struct PackDense: Step {
  let sizes: DenseSizes
  private let weights: WeightRows
  let packing: DensePacking
  private let blocks: Parts
  private let loops: ElementwiseLoops

  init(_ sizes: DenseSizes, _ weights: WeightRows, _ packing: DensePacking) {
    self.sizes = sizes
    self.weights = weights
    self.packing = packing
    blocks = Parts(sizes.inputs, most: 64, least: 16)
    loops = .current
  }

  var task: String { "pack weights" }
  var algorithm: String { "transpose" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 8 * sizes.inputs * sizes.outputs }

  func run(_ memory: Memory, _ worker: Worker) {
    let inputs = sizes.inputs
    let (weights, pitch) = (weights.first(memory), weights.pitch)
    for block in worker.share(of: blocks.count) {
      let columns = blocks[block]
      for strip in 0..<packing.strips.count {
        let vectors = packing.strips[strip]
        let (width, first) = (vectors.count * 16, vectors.lowerBound * 16)
        loops.transpose(
          weights + first * pitch + columns.lowerBound, stride: pitch,
          to: memory[packing.slot] + first * inputs + columns.lowerBound * width, stride: width,
          rows: min(width, sizes.outputs - first), columns: columns.count)
      }
    }
  }
}

/// y = b + w·x for a batch, from packed weights.
///
/// The inputs are cut into fixed blocks. Each sum is a chain of multiply-adds within a block, the blocks are
/// added in order, and the bias comes last: for every batch the same, so that an image's scores do not depend on
/// its company.
struct DenseForward: Step {
  let sizes: DenseSizes
  let packing: DensePacking
  let blocks: Parts
  let x: Slot
  let y: Slot
  /// The sums, [image][output padded to whole vectors].
  private let sums: Slot
  private let panels: Panels

  init(
    _ sizes: DenseSizes, _ packing: DensePacking, blocks: Parts, x: Slot, y: Slot,
    in workspace: inout WorkspaceLayout, panels: Panels = .current
  ) {
    self.sizes = sizes
    self.packing = packing
    self.blocks = blocks
    self.x = x
    self.y = y
    self.panels = panels
    sums = workspace.slot(sizes.batch * packing.paddedOutputs)
  }

  var task: String { "forward" }
  var algorithm: String { "panels" }
  var multiplyAdds: Int { sizes.multiplyAdds }
  var bytes: Int { sizes.forwardBytes }

  /// Groups of images are the units.
  func run(_ memory: Memory, _ worker: Worker) {
    let groups = (sizes.batch + DenseForward.group - 1) / DenseForward.group
    for group in worker.share(of: groups) {
      let first = group * DenseForward.group
      let images = first..<min(first + DenseForward.group, sizes.batch)
      for block in 0..<blocks.count {
        packing.add(
          blocks[block], images, of: memory[x],
          to: memory[sums] + first * packing.paddedOutputs, isFirst: block == 0, panels, memory)
      }
      let bias = memory.parameters[sizes.bias]
      for image in images {
        let (sums, y) = (
          memory[sums] + image * packing.paddedOutputs, memory[y] + image * sizes.outputs
        )
        for o in 0..<sizes.outputs { y[o] = sums[o] + bias[o] }
      }
    }
  }

  /// Images in a unit: whole register tiles, and the block of inputs stays in the first-level cache.
  private static let group = 12
}

/// w·x for a few images, from packed weights: a sum for each block of inputs, which are the units.
struct DenseBlocks: Step {
  let sizes: DenseSizes
  let packing: DensePacking
  let blocks: Parts
  let x: Slot
  /// The sums, [block][image][output padded to whole vectors].
  let sums: Slot
  var panels = Panels.current

  var task: String { "forward" }
  var algorithm: String { "panels, blocks of inputs" }
  var multiplyAdds: Int { sizes.multiplyAdds }
  var bytes: Int { sizes.forwardBytes }
  var isSerial: Bool { sizes.multiplyAdds < 20_000 }
  var localParts: Parts? { sizes.batch == 1 && !isSerial ? blocks : nil }

  func run(_ memory: Memory, _ worker: Worker) {
    let stride = sizes.batch * packing.paddedOutputs
    for block in worker.share(of: blocks.count) {
      packing.add(
        blocks[block], 0..<sizes.batch, of: memory[x], to: memory[sums] + block * stride,
        isFirst: true, panels, memory)
    }
  }
}

/// y = b + w·x for a few images: the sums over the blocks in their order.
struct DenseBlocksSum: Step {
  let sizes: DenseSizes
  let packing: DensePacking
  let blockCount: Int
  let sums: Slot
  let y: Slot

  var task: String { "forward: sum" }
  var algorithm: String { "one worker" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 4 * blockCount * sizes.batch * packing.paddedOutputs }
  var isSerial: Bool { true }

  func run(_ memory: Memory, _ worker: Worker) {
    guard worker.index == 0 else { return }
    let stride = sizes.batch * packing.paddedOutputs
    let total = memory[sums]
    for block in 1..<max(1, blockCount) {
      VectorLoops.addScaled(1, total + block * stride, to: total, stride)
    }
    let bias = memory.parameters[sizes.bias]
    for image in 0..<sizes.batch {
      let (sums, y) = (total + image * packing.paddedOutputs, memory[y] + image * sizes.outputs)
      for o in 0..<sizes.outputs { y[o] = sums[o] + bias[o] }
    }
  }
}

extension DensePacking {
  /// Adds the products with one block of inputs to the sums of some images, or starts them with it.
  @inline(__always)
  fileprivate func add(
    _ block: Range<Int>, _ images: Range<Int>, of x: UnsafeMutablePointer<Float>,
    to sums: UnsafeMutablePointer<Float>, isFirst: Bool, _ panels: Panels, _ memory: Memory
  ) {
    var panel = starling_panel.empty
    panel.a = UnsafePointer(x + images.lowerBound * inputs + block.lowerBound)
    panel.a_row = inputs
    panel.a_k = 1
    panel.b_vector = panels.lanes
    panel.count_k = block.count
    panel.c_row = paddedOutputs
    panel.c_vector = panels.lanes
    panel.rows = images.count
    panel.end = isFirst ? starling_panel_store : starling_panel_add
    for strip in 0..<strips.count {
      let vectors = strips[strip]
      let width = vectors.count * 16
      let b = memory[slot] + vectors.lowerBound * 16 * inputs + block.lowerBound * width
      panel.b_k = width
      // A vector of 16 is several of the machine's where those are shorter.
      let all = width / panels.lanes
      var first = 0
      while first < all {
        panel.vectors = min(panels.widest, all - first)
        panel.b = UnsafePointer(b + first * panels.lanes)
        panel.c = sums + vectors.lowerBound * 16 + first * panels.lanes
        panels.run(&panel)
        first += panel.vectors
      }
    }
  }
}

/// dE/dx = wᵀ·dE/dy and, in the same visit of the weights, w ← w − η·dE/dy·xᵀ or the gradient itself.
///
/// The units are strips of inputs: a strip of the weights stays in the cache while all images use it.
struct DenseBackward: Step {
  let sizes: DenseSizes
  let weights: WeightRows
  let x: Slot
  let dY: Slot
  /// Where dE/dx goes; nil when nobody needs it.
  let dX: Slot?
  var panels = Panels.current

  var task: String { dX == nil ? "dE/dw, update" : "dE/dx, dE/dw, update" }
  var algorithm: String { "panels, strips of inputs" }
  var multiplyAdds: Int { (dX == nil ? 1 : 2) * sizes.multiplyAdds }
  var bytes: Int {
    4 * (3 * sizes.inputs * sizes.outputs + 2 * sizes.batch * (sizes.inputs + sizes.outputs))
  }

  func run(_ memory: Memory, _ worker: Worker) {
    // The last strip takes what is left, so that each has a whole vector: a vector that ends a strip may be
    // computed again with the numbers before it, and those must not have been updated by then.
    let strip = sizes.inputs < 512 ? 32 : 64
    let strips = max(1, sizes.inputs / strip)
    for unit in worker.share(of: strips) {
      let columns = unit * strip..<(unit == strips - 1 ? sizes.inputs : (unit + 1) * strip)
      if let dX { inputGradient(columns, memory, to: dX) }
      weightGradient(columns, memory)
    }
  }

  /// dX[b][n] = Σ_o dY[b][o] · w[o][n].
  private func inputGradient(_ columns: Range<Int>, _ memory: Memory, to dX: Slot) {
    var panel = starling_panel.empty
    panel.a = UnsafePointer(memory[dY])
    panel.a_row = sizes.outputs
    panel.a_k = 1
    panel.count_k = sizes.outputs
    panel.rows = sizes.batch
    panel.b_vector = panels.lanes
    panel.c_vector = panels.lanes
    panel.c_row = sizes.inputs
    let (weights, pitch) = (weights.first(memory), weights.pitch)
    let lanes = panels.lanes
    guard sizes.inputs >= lanes else { return inputGradientOfFew(memory, to: dX) }
    panel.b_k = pitch
    var column = columns.lowerBound
    while column < columns.upperBound {
      let whole = min(panels.widest, (columns.upperBound - column) / lanes)
      // What is left of a vector at the end is computed again with the numbers before it.
      let first = whole > 0 ? column : columns.upperBound - lanes
      panel.b = UnsafePointer(weights + first)
      panel.c = memory[dX] + first
      panel.vectors = max(1, whole)
      panels.run(&panel)
      column = first + panel.vectors * lanes
    }
  }

  /// Fewer inputs than a vector has.
  private func inputGradientOfFew(_ memory: Memory, to dX: Slot) {
    for image in 0..<sizes.batch {
      let (g, to) = (memory[dY] + image * sizes.outputs, memory[dX] + image * sizes.inputs)
      for n in 0..<sizes.inputs {
        var sum: Float = 0
        for o in 0..<sizes.outputs {
          sum += g[o] * weights.first(memory)[o * weights.pitch + n]
        }
        to[n] = sum
      }
    }
  }

  /// w[o][n] −= η · Σ_b dY[b][o] · x[b][n], or the sum itself where an optimizer wants it.
  private func weightGradient(_ columns: Range<Int>, _ memory: Memory) {
    let lanes = panels.lanes
    let (weights, pitch) = (weights.first(memory), weights.pitch)
    let (target, targetPitch) =
      memory.gradients.map { ($0[sizes.weight], sizes.inputs) } ?? (weights, pitch)
    var panel = starling_panel.empty
    panel.a = UnsafePointer(memory[dY])
    panel.a_row = 1
    panel.a_k = sizes.outputs
    panel.count_k = sizes.batch
    panel.rows = sizes.outputs
    panel.b_k = sizes.inputs
    panel.b_vector = lanes
    panel.c_row = targetPitch
    panel.c_vector = lanes
    panel.end = memory.gradients == nil ? starling_panel_add_scaled : starling_panel_store
    panel.scale = -memory.learningRate
    var column = columns.lowerBound
    while column + lanes <= columns.upperBound {
      panel.vectors = min(panels.widest, (columns.upperBound - column) / lanes)
      panel.b = UnsafePointer(memory[x] + column)
      panel.c = target + column
      panels.run(&panel)
      column += panel.vectors * lanes
    }
    for n in column..<columns.upperBound {
      for o in 0..<sizes.outputs {
        var sum: Float = 0
        for image in 0..<sizes.batch {
          sum += memory[dY][image * sizes.outputs + o] * memory[x][image * sizes.inputs + n]
        }
        if memory.gradients == nil {
          target[o * targetPitch + n] -= memory.learningRate * sum
        } else {
          target[o * targetPitch + n] = sum
        }
      }
    }
  }
}

/// dE/db = Σ dE/dy over the batch.
struct DenseBiasGradient: Step {
  let sizes: DenseSizes
  let dY: Slot
  let gradient: Slot

  var task: String { "dE/db" }
  var algorithm: String { "sum over images" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 4 * sizes.batch * sizes.outputs }
  var isSerial: Bool { true }

  func run(_ memory: Memory, _ worker: Worker) {
    guard worker.index == 0 else { return }
    let (dY, sum) = (memory[dY], memory[gradient])
    for o in 0..<sizes.outputs { sum[o] = dY[o] }
    for image in 1..<max(1, sizes.batch) {
      for o in 0..<sizes.outputs { sum[o] += dY[image * sizes.outputs + o] }
    }
  }
}
