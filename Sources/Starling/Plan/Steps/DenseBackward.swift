import CStarlingKernels

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
