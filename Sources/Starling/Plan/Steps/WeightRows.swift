/// The weights of a dense layer for batches: those of the network's tensor, or for as long as an epoch takes a copy
/// in large pages whose rows begin on cache lines.
struct WeightRows: Hashable, Sendable {
  let sizes: DenseSizes
  /// Where the copy is, if there is one.
  let copy: Slot?

  /// Floats from one output to the next.
  var pitch: Int { copy == nil ? sizes.inputs : (sizes.inputs + 15) / 16 * 16 }

  init(_ sizes: DenseSizes, isCopied: Bool, in workspace: inout WorkspaceLayout) {
    self.sizes = sizes
    copy = isCopied ? workspace.slot((sizes.inputs + 15) / 16 * 16 * sizes.outputs) : nil
  }

  /// The first weight.
  @inline(__always)
  func first(_ memory: Memory) -> UnsafeMutablePointer<Float> {
    copy.map { memory[$0] } ?? memory.parameters[sizes.weight]
  }
}

/// Copies the weights from the network's tensor, or back.
struct CopyWeightRows: Step {
  let weights: WeightRows
  let isBack: Bool

  var task: String { isBack ? "weights back" : "copy weights" }
  var algorithm: String { "rows" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 8 * weights.sizes.inputs * weights.sizes.outputs }

  func run(_ memory: Memory, _ worker: Worker) {
    let inputs = weights.sizes.inputs
    for o in worker.share(of: weights.sizes.outputs) {
      let row = memory.parameters[weights.sizes.weight] + o * inputs
      let copy = weights.first(memory) + o * weights.pitch
      if isBack {
        row.update(from: copy, count: inputs)
      } else {
        copy.update(from: row, count: inputs)
      }
    }
  }
}
