/// Adds up the partial sums of a convolution's gradients in the order of their blocks of images, and puts the
/// result into the order of the network's tensors: kernels [j][i][u][v], biases [j].
package struct KernelGradientSum: Step {
  let convolution: PixelConvolution
  let partials: PartialKernels
  /// dE/dK in the order of the tensor `weight`, and dE/dB in that of `bias`, one a channel.
  package let kernels: Slot, biases: Slot?

  /// The step behind a ``SparseKernelGradient`` or a ``ChannelsLastKernelGradient``.
  package init(
    _ convolution: PixelConvolution, _ partials: PartialKernels, hasBias: Bool,
    in layout: inout WorkspaceLayout
  ) {
    self.convolution = convolution
    self.partials = partials
    kernels = layout.slot(convolution.depth * convolution.terms)
    biases = hasBias ? layout.slot(convolution.depth) : nil
  }

  package var task: String { "dE/dK" }
  package var algorithm: String {
    "sum of \(partials.parts) \(partials.parts == 1 ? "part" : "parts")"
  }
  package var multiplyAdds: Int { 0 }
  package var bytes: Int { 4 * (partials.slot.count + kernels.count) }

  /// Units are vectors at first, then kernels.
  package func run(_ memory: Memory, _ worker: Worker) {
    let first = memory[partials.slot]
    let vectors = worker.share(of: partials.stride / 16)
    let start = 16 * vectors.lowerBound
    for part in 1..<max(1, partials.parts) {
      VectorLoops.addScaled(
        1, first + part * partials.stride + start, to: first + start, 16 * vectors.count)
    }
    worker.barrier()
    let (rows, columns) = (convolution.kernelHeight, convolution.kernelWidth)
    for j in worker.share(of: convolution.depth) {
      var to = memory[kernels] + j * convolution.terms
      for i in 0..<convolution.input.channels {
        let from = first + j * partials.kernelStride + i * partials.channelStride
        for u in 0..<rows {
          for v in 0..<columns {
            to.pointee = from[u * partials.rowStride + v * partials.columnStride]
            to += 1
          }
        }
      }
      if let biases { memory[biases][j] = first[partials.biases + j] }
    }
  }
}
