/// dE/dY behind a ReLU, in place, and dE/dB.
///
/// dE/dY is zero where the ReLU gave zero. Where there is one bias a map, its gradient sums over
/// positions; otherwise each position has its own, which sums over the images. A unit is a map of all
/// images.
package struct BatchLastOutputGradient: Step {
  private let dY: Activation
  private let relu: Activation?
  private let bias: Convolution.Bias
  private let gradient: Slot?
  private let loops: ElementwiseLoops

  /// The step for the biases of a convolution; their gradient goes to `gradient`, in the order of the
  /// bias tensor.
  ///
  /// `relu` are the outputs of the ReLU, if there is one: behind a pooling, where they are as many as the
  /// numbers of dE/dY, the pooled ones.
  package init(
    _ convolution: BatchLastConvolution, dY: Activation, relu: Activation?, gradient: Slot?,
    set: InstructionSet = .current
  ) {
    precondition((gradient == nil) == (convolution.bias == .none))
    self.dY = dY
    self.relu = relu
    self.gradient = gradient
    bias = convolution.bias
    loops = ElementwiseLoops(set)
  }

  package var task: String { "dE/dB" }
  package var algorithm: String { "ReLU and sums, batchLast" }
  package var multiplyAdds: Int { 0 }
  package var bytes: Int { 12 * dY.imageBlocks * dY.imageStride }

  package func run(_ memory: Memory, _ worker: Worker) {
    for j in worker.share(of: dY.channels) {
      var sum = VectorLoops.Vector()
      for group in 0..<dY.imageBlocks { mask(group, j, memory, addingTo: &sum) }
      guard let gradient else { continue }
      if bias == .perPosition {
        sumImages(j, memory, to: memory[gradient] + j * dY.height * dY.width)
      } else {
        memory[gradient][j] = sum.sumByHalves
      }
    }
  }

  private func mask(
    _ group: Int, _ j: Int, _ memory: Memory, addingTo sum: inout VectorLoops.Vector
  ) {
    // Without borders, a map is a single row.
    let rows = max(dY.border, relu?.border ?? 0) == 0 ? 1 : dY.height
    let width = dY.height * dY.width / rows
    for line in 0..<rows {
      let slopes = memory[dY.slot] + BatchLastStrides(dY).place(group, j, row: line)
      if let relu {
        let outputs = memory[relu.slot] + BatchLastStrides(relu).place(group, j, row: line)
        loops.reluSlope(outputs, times: slopes, to: slopes, 16 * width)
      }
      for pixel in 0..<width { sum += VectorLoops.load(slopes + 16 * pixel) }
    }
  }

  private func sumImages(_ j: Int, _ memory: Memory, to gradient: UnsafeMutablePointer<Float>) {
    let strides = BatchLastStrides(dY)
    for line in 0..<dY.height {
      for column in 0..<dY.width {
        var sum = VectorLoops.Vector()
        for group in 0..<dY.imageBlocks {
          sum += VectorLoops.load(
            memory[dY.slot] + strides.place(group, j, row: line, column: column))
        }
        gradient[line * dY.width + column] = sum.sumByHalves
      }
    }
  }
}
