/// Kernels in the orders that the steps of `batchLast` read them in.
///
/// It runs once before inference, and before each step of training. A unit is a kernel.
package struct BatchLastPacking: Step {
  /// What the gradient with respect to the input reads.
  package enum Backward: Hashable, Sendable {
    /// [i][u][v][j], turned by 180°.
    case turned
    /// [i][j][(kernel height + 1)(kernel width + 1)][4]: what a pixel under a 2 × 2 window takes from
    /// the window's gradient when the largest number is the first, second, third, fourth.
    case byWinner
  }

  /// The kernels as [j][u][v][i].
  package let forward: Slot
  /// The kernels for the way back.
  package let backward: Slot?

  private let convolution: BatchLastConvolution
  private let order: Backward?
  private let weight: Int

  /// The packing of the kernels that are parameter number `weight`.
  package init(
    _ convolution: BatchLastConvolution, weight: Int, backward: Backward?,
    in layout: inout WorkspaceLayout
  ) {
    self.convolution = convolution
    self.weight = weight
    order = backward
    forward = layout.slot(convolution.depth * convolution.terms)
    self.backward = backward.map {
      let pixels = (convolution.kernelHeight + 1) * (convolution.kernelWidth + 1)
      let perChannel = $0 == .turned ? convolution.kernelArea : 4 * pixels
      return layout.slot(convolution.depth * convolution.x.channels * perChannel)
    }
  }

  package var task: String { "pack" }
  package var algorithm: String { "batchLast kernels" }
  package var multiplyAdds: Int { 0 }
  package var bytes: Int { 4 * (convolution.depth * convolution.terms + forward.count) }

  package func run(_ memory: Memory, _ worker: Worker) {
    let kernels = memory.parameters[weight]
    let channels = convolution.x.channels
    let area = convolution.kernelArea
    for j in worker.share(of: convolution.depth) {
      let packed = memory[forward] + j * convolution.terms
      for i in 0..<channels {
        let kernel = kernels + (j * channels + i) * area
        for tap in 0..<area { packed[tap * channels + i] = kernel[tap] }
        guard let backward else { continue }
        if order == .turned {
          let turned = memory[backward] + i * area * convolution.depth + j
          for tap in 0..<area { turned[(area - 1 - tap) * convolution.depth] = kernel[tap] }
        } else {
          let pixels = backward.count / (convolution.depth * channels)
          spread(kernel, over: memory[backward] + (i * convolution.depth + j) * pixels)
        }
      }
    }
  }

  /// Each winner sees the kernel at another place; where it does not reach, the zeros stay that the
  /// workspace began with.
  private func spread(
    _ kernel: UnsafeMutablePointer<Float>, over taken: UnsafeMutablePointer<Float>
  ) {
    let width = convolution.kernelWidth
    for u in 0..<convolution.kernelHeight {
      for v in 0..<width {
        let number = kernel[u * width + v]
        let pixel = taken + 4 * (u * (width + 1) + v)
        pixel[0] = number
        pixel[4 + 1] = number
        pixel[4 * (width + 1) + 2] = number
        pixel[4 * (width + 2) + 3] = number
      }
    }
  }
}
