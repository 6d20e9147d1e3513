/// dE/dX of a convolution in `channelsLast`: dX = dY ∗ K, full, which is a convolution of dY, padded and with
/// zeros between its pixels where the stride is more than 1, with the turned kernels.
package enum ChannelsLastInputGradient {
  /// The steps that take dE/dY to dE/dX, whose interior they write.
  ///
  /// A border of zeros around dE/dY, as wide as the kernel less the padding less 1, spares copying it.
  package static func steps(
    _ convolution: PixelConvolution, dY: Pixels, to dX: Pixels, weight: Int,
    in layout: inout WorkspaceLayout, workers: Int, for set: InstructionSet = .current
  ) -> [any Step] {
    let (height, width) = (convolution.kernelHeight, convolution.kernelWidth)
    let padding = height - 1 - convolution.padding
    let fits = convolution.stride == 1 && height == width && padding >= 0
    var steps: [any Step] = []
    let source: PixelConvolution
    if fits && dY.border >= padding && dY.channelStride == 1 {
      source = PixelConvolution(
        dY, depth: dX.channels, kernelHeight: height, kernelWidth: width, padding: padding)
    } else {
      let spread = SpreadPixels(dY, for: convolution, in: &layout)
      steps.append(spread)
      source = PixelConvolution(
        spread.output, depth: dX.channels, kernelHeight: height, kernelWidth: width)
    }
    let packed = ChannelsLastPack(turned: weight, for: source, in: &layout, for: set)
    return steps + [
      packed,
      ChannelsLastForward(
        packed, to: dX, isReLU: false, task: "dE/dX", in: &layout, workers: workers, for: set),
    ]
  }
}

/// Copies dE/dY to where a window of any input pixel finds it: padded, and with zeros between its pixels where
/// the stride is more than 1.
struct SpreadPixels: Step {
  let input, output: Pixels
  private let stride: Int
  /// Where the first pixel goes; outside, where the padding is wider than the kernel.
  private let row, column: Int

  init(_ dY: Pixels, for convolution: PixelConvolution, in layout: inout WorkspaceLayout) {
    input = dY
    stride = convolution.stride
    row = convolution.kernelHeight - 1 - convolution.padding
    column = convolution.kernelWidth - 1 - convolution.padding
    let height = convolution.input.height + convolution.kernelHeight - 1
    let width = convolution.input.width + convolution.kernelWidth - 1
    let pitch = Activation.pitch(dY.channels)
    output = Pixels(
      slot: layout.slot(dY.batch * height * width * pitch), batch: dY.batch,
      channels: dY.channels, height: height, width: width, pitch: pitch)
  }

  var task: String { "dE/dX" }
  var algorithm: String { "spread, channelsLast" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 4 * (input.count + output.count) }

  /// Each unit is an image; what it does not write is zero from the start.
  func run(_ memory: Memory, _ worker: Worker) {
    for image in worker.share(of: input.batch) {
      for y in 0..<input.height {
        let toRow = row + y * stride
        guard (0..<output.height).contains(toRow) else { continue }
        for x in 0..<input.width {
          let toColumn = column + x * stride
          guard (0..<output.width).contains(toColumn) else { continue }
          let from = memory[input.slot] + input.offset(image, y, x)
          let to = memory[output.slot] + output.offset(image, toRow, toColumn)
          for j in 0..<input.channels { to[j] = from[j * input.channelStride] }
        }
      }
    }
  }
}
