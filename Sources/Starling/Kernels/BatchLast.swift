import CStarlingKernels

/// The loops over [batch / 16][channel][height][width][16] of one instruction set.
struct BatchLastLoops: @unchecked Sendable {
  /// The functions that `starling_batch_last_table` describes.
  let table: starling_batch_last_table

  init(_ set: InstructionSet) {
    table = starling_batch_last_loops(set.table).pointee
  }
}

/// Where the pixels of activations in `batchLast` are.
struct BatchLastStrides: Hashable, Sendable {
  /// Floats from a row of an image to the next, from a channel to the next, and from sixteen images to
  /// the next sixteen.
  let row, channel, group: Int
  /// Where the first pixel that does not belong to the border is.
  private let origin: Int

  init(_ activation: Activation) {
    row = 16 * activation.fullWidth
    channel = row * activation.fullHeight
    group = channel * activation.channels
    origin = activation.border * (row + 16)
  }

  /// Where a pixel is; negative rows and columns are those of the border.
  @inline(__always)
  func place(_ group: Int, _ channel: Int, row: Int = 0, column: Int = 0) -> Int {
    origin + group * self.group + channel * self.channel + row * self.row + 16 * column
  }
}

/// A convolution of images in `batchLast`.
package struct BatchLastConvolution: Hashable, Sendable {
  /// The input, with a border at least as wide as the padding.
  package let x: Activation
  /// Kernels, and the rows and columns of each.
  package let depth, kernelHeight, kernelWidth: Int
  /// Rows and columns from one window to the next, and of zeros around the image.
  package let stride, padding: Int
  /// How many biases there are.
  package let bias: Convolution.Bias

  package init(
    x: Activation, depth: Int, kernelHeight: Int, kernelWidth: Int, stride: Int = 1,
    padding: Int = 0, bias: Convolution.Bias = .perChannel
  ) {
    precondition(x.layout == .batchLast && x.border >= padding, "padding wants a border")
    self.x = x
    self.depth = depth
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.stride = stride
    self.padding = padding
    self.bias = bias
  }

  /// Rows of an output map.
  package var outputHeight: Int { (x.height + 2 * padding - kernelHeight) / stride + 1 }
  /// Columns of an output map.
  package var outputWidth: Int { (x.width + 2 * padding - kernelWidth) / stride + 1 }
  /// Numbers in a kernel for one input channel.
  var kernelArea: Int { kernelHeight * kernelWidth }
  /// Numbers in a kernel.
  var terms: Int { kernelArea * x.channels }

  /// Whether 2 × 2 maximum pooling right behind it can be part of its step: when nobody needs the
  /// numbers that lose.
  ///
  /// Biases of a position each do: each loser's gradient is known to be zero, but has a place of its own.
  package var canPool: Bool {
    stride == 1 && bias != .perPosition && outputHeight >= 2 && outputWidth >= 2
  }

  /// Multiply-adds of one pass over the batch, forward, dE/dK or dE/dX.
  var multiplyAdds: Int { x.batch * depth * terms * outputHeight * outputWidth }
  /// The largest part of the batch that a run reads or writes.
  var inputBytes: Int { 4 * x.imageBlocks * x.imageStride }
}

extension Activation {
  /// The same numbers in `channelsLast`: each channel of sixteen images is an image of sixteen channels.
  package var inChannelsLast: Activation {
    precondition(layout == .batchLast)
    return Activation(
      slot: slot, layout: .channelsLast, batch: imageBlocks * channels, channels: 16,
      height: height, width: width, border: border)
  }

  /// Sets the images that a last, incomplete sixteen lacks to zero in a row of pixels.
  @inline(__always)
  func clearMissingImages(_ group: Int, _ pixels: UnsafeMutablePointer<Float>, _ count: Int) {
    let images = batch - 16 * group
    guard images < 16 else { return }
    for pixel in 0..<count {
      for image in images..<16 { pixels[16 * pixel + image] = 0 }
    }
  }
}

extension SIMD16<Float> {
  /// The sum of all numbers: of the halves' sum, the quarters' sum, and so on.
  @inline(__always)
  var sumByHalves: Float {
    let eight = lowHalf + highHalf
    let four = eight.lowHalf + eight.highHalf
    return (four.lowHalf + four.highHalf).sum()
  }
}
