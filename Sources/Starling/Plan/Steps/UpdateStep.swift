import CStarlingKernels

/// A gradient as a backward step leaves it: the sums over fixed parts of the batch, one behind the other.
struct PartialGradient: Hashable, Sendable {
  /// The number of the tensor among all tensors of the network.
  let parameter: Int
  /// Where the parts are, each of `count` numbers and `stride` from the one before.
  let slot: Slot
  let parts, count, stride: Int
  /// Whether the tensor is a statistic, which takes the whole of its gradient without a learning rate.
  var isStatistic = false
}

/// θ ← θ − η·dE/dθ, or dE/dθ itself where an optimizer does more than that.
///
/// The parts of each gradient are added in their order.
struct UpdateStep: Step {
  let gradients: [PartialGradient]

  var task: String { "update" }
  var algorithm: String { "sum of parts" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { gradients.reduce(0) { $0 + 4 * $1.count * ($1.parts + 2) } }

  func run(_ memory: Memory, _ worker: Worker) {
    gradients.withUnsafeBufferPointer { gradients in
      for gradient in gradients {
        let units = min(Parts.usual, max(1, gradient.count / 256))
        for unit in worker.share(of: units) {
          let first = unit * gradient.count / units
          apply(gradient, first..<(unit + 1) * gradient.count / units, memory)
        }
      }
    }
  }

  private func apply(_ gradient: PartialGradient, _ numbers: Range<Int>, _ memory: Memory) {
    let sum = memory[gradient.slot] + numbers.lowerBound
    let count = numbers.count
    for part in 1..<max(1, gradient.parts) {
      VectorLoops.addScaled(1, sum + part * gradient.stride, to: sum, count)
    }
    let parameter = gradient.parameter
    if gradient.isStatistic {
      VectorLoops.addScaled(-1, sum, to: memory.parameters[parameter] + numbers.lowerBound, count)
    } else if let target = memory.gradients {
      (target[parameter] + numbers.lowerBound).update(from: sum, count: count)
    } else {
      VectorLoops.addScaled(
        -memory.learningRate, sum, to: memory.parameters[parameter] + numbers.lowerBound, count)
    }
  }
}
