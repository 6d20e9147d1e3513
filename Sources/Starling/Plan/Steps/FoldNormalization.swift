/// K_j ← K_j·s_j and B_j ← (B_j − μ_j)·s_j + β_j, with s_j = γ_j / √(σ_j² + ε): a convolution and the
/// normalization behind it, at inference, as one convolution.
struct FoldNormalization: Step {
  let depth, terms, positions: Int
  let epsilon: Float
  /// The numbers of the convolution's tensors, and of the normalization's first.
  let weight: Int
  let bias: Int?
  let normalization: Int
  let kernels, biases: Slot

  var task: String { "fold normalization" }
  var algorithm: String { "scale" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 8 * depth * (terms + positions) }
  var isSerial: Bool { true }

  func run(_ memory: Memory, _ worker: Worker) {
    guard worker.index == 0 else { return }
    let (γ, β) = (memory.parameters[normalization], memory.parameters[normalization + 1])
    let (μ, σ2) = (memory.parameters[normalization + 2], memory.parameters[normalization + 3])
    for j in 0..<depth {
      let s = γ[j] / (σ2[j] + epsilon).squareRoot()
      for k in j * terms..<(j + 1) * terms {
        memory[kernels][k] = memory.parameters[weight][k] * s
      }
      for p in j * positions..<(j + 1) * positions {
        let b = bias.map { memory.parameters[$0][p] } ?? 0
        memory[biases][p] = (b - μ[j]) * s + β[j]
      }
    }
  }
}
