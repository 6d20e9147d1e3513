/// dE/dB of a convolution in `channelsLast` with a bias for each output position: dE/dY, summed over the batch.
package struct ChannelsLastPositionBias: Step {
  let dY: Pixels
  /// dE/dB in the order of the tensor `bias`: [j][row][column].
  package let biases: Slot

  /// The step that takes the gradient of the convolution's output.
  package init(dY: Pixels, in layout: inout WorkspaceLayout) {
    self.dY = dY
    biases = layout.slot(dY.channels * dY.height * dY.width)
  }

  package var task: String { "dE/dB" }
  package var algorithm: String { "sum over the batch, channelsLast" }
  package var multiplyAdds: Int { 0 }
  package var bytes: Int { 4 * (dY.count + biases.count) }

  /// Each unit is a row of the image.
  package func run(_ memory: Memory, _ worker: Worker) {
    let to = memory[biases]
    for row in worker.share(of: dY.height) {
      for column in 0..<dY.width {
        for first in stride(from: 0, to: dY.channels, by: VectorLoops.width) {
          let from = memory[dY.slot] + dY.offset(0, row, column) + first
          var sum = VectorLoops.Vector()
          for image in 0..<dY.batch { sum += VectorLoops.load(from + image * dY.imageStride) }
          for j in first..<min(dY.channels, first + VectorLoops.width) {
            to[(j * dY.height + row) * dY.width + column] = sum[j - first]
          }
        }
      }
    }
  }
}
