/// The sizes of a dense layer in a plan, and which tensors are its own.
struct DenseSizes: Hashable, Sendable {
  let batch, inputs, outputs: Int
  /// The numbers of the layer's weight and bias among all tensors of the network.
  let weight, bias: Int

  /// Whether there are so many weights that it counts whose cache they are in.
  var isLarge: Bool { inputs * outputs >= 20_000 }
  /// The fixed blocks of inputs whose sums are added in order in prediction.
  var blocks: Parts { Parts(inputs, least: 192) }
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
