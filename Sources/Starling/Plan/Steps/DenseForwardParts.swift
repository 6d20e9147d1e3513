import CStarlingKernels

/// w·x for a batch in training, from the weights as they lie: a sum for each part of the inputs, which are the units.
///
/// The update splits the weights by inputs, too. So a worker's part of them stays in its own cache from step to
/// step, where other splits would bring half of the weights from another's.
struct DenseForwardParts: Step {
  let sizes: DenseSizes
  let weights: WeightRows
  let parts: Parts
  let x: Slot
  /// The sums, [part][output][image up to whole sixteens].
  let sums: Slot
  /// A part of the inputs with the images side by side, [input][image], for every worker.
  private let turned: Slot
  private let panels: Panels
  private let loops = ElementwiseLoops.current

  init(
    _ sizes: DenseSizes, _ weights: WeightRows, parts: Parts, x: Slot, workers: Int,
    in workspace: inout WorkspaceLayout, panels: Panels = .current
  ) {
    self.sizes = sizes
    self.weights = weights
    self.parts = parts
    self.x = x
    self.panels = panels
    sums = workspace.slot(parts.count * sizes.outputs * sizes.paddedBatch)
    turned = workspace.slot(workers * parts.longest * sizes.paddedBatch)
  }

  var task: String { "forward" }
  var algorithm: String { "panels, parts of inputs" }
  var multiplyAdds: Int { sizes.multiplyAdds }
  var bytes: Int { sizes.forwardBytes }

  func run(_ memory: Memory, _ worker: Worker) {
    let images = sizes.paddedBatch
    let turned = memory[turned] + worker.index * parts.longest * images
    for part in worker.share(of: parts.count) {
      let inputs = parts[part]
      loops.transpose(
        memory[x] + inputs.lowerBound, stride: sizes.inputs, to: turned, stride: images,
        rows: sizes.batch, columns: inputs.count)
      multiply(inputs, turned, to: memory[sums] + part * sizes.outputs * images, memory)
    }
  }

  /// Two vectors of images at a time: the tile has many rows, and each number is loaded for all of them.
  @inline(__always)
  private func multiply(
    _ inputs: Range<Int>, _ turned: UnsafeMutablePointer<Float>,
    to sums: UnsafeMutablePointer<Float>, _ memory: Memory
  ) {
    let lanes = panels.lanes
    var panel = starling_panel.empty
    panel.a = UnsafePointer(weights.first(memory) + inputs.lowerBound)
    panel.a_row = weights.pitch
    panel.a_k = 1
    panel.count_k = inputs.count
    panel.rows = sizes.outputs
    (panel.b_k, panel.c_row) = (sizes.paddedBatch, sizes.paddedBatch)
    (panel.b_vector, panel.c_vector) = (lanes, lanes)
    for image in stride(from: 0, to: sizes.paddedBatch, by: 2 * lanes) {
      panel.vectors = min(2, (sizes.paddedBatch - image) / lanes)
      panel.b = UnsafePointer(turned + image)
      panel.c = sums + image
      panels.run(&panel)
    }
  }
}

/// y = b + w·x from the sums over the parts of the inputs, in their order.
///
/// A unit is sixteen images.
struct DensePartsSum: Step {
  private let forward: DenseForwardParts
  private let y: Slot
  private let loops = ElementwiseLoops.current

  init(_ forward: DenseForwardParts, y: Slot) {
    self.forward = forward
    self.y = y
  }

  var task: String { "forward: sum" }
  var algorithm: String { "parts of inputs" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 4 * (forward.sums.count + y.count) }

  func run(_ memory: Memory, _ worker: Worker) {
    let sizes = forward.sizes
    let pitch = sizes.paddedBatch
    let bias = memory.parameters[sizes.bias]
    for unit in worker.share(of: pitch / 16) {
      let sums = memory[forward.sums] + 16 * unit
      for o in 0..<sizes.outputs {
        var sum = VectorLoops.load(sums + o * pitch)
        for part in 1..<max(1, forward.parts.count) {
          sum += VectorLoops.load(sums + (part * sizes.outputs + o) * pitch)
        }
        VectorLoops.store(sum + bias[o], sums + o * pitch)
      }
      loops.transpose(
        sums, stride: pitch, to: memory[y] + 16 * unit * sizes.outputs, stride: sizes.outputs,
        rows: sizes.outputs, columns: min(16, sizes.batch - 16 * unit))
    }
  }
}

extension DenseSizes {
  /// The images, up to whole sixteens.
  fileprivate var paddedBatch: Int { (batch + 15) / 16 * 16 }
}
