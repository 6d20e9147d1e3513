/// The pixels of a batch as strides: where the number of a channel at a row and a column of an image is.
///
/// A convolution in the `channelsLast` layout sees its input, its output and their gradients as this; the
/// numbers of a dense layer, `rows`, are pixels as well, whose channels lie far apart.
package struct Pixels: Hashable, Sendable {
  /// Where they are.
  package let slot: Slot
  /// Images, and each one's channels, rows and columns without the border.
  package let batch, channels, height, width: Int
  /// Rows and columns of zeros around each image.
  package let border: Int
  /// Floats from one image, row, column and channel to the next.
  package let imageStride, rowStride, pitch, channelStride: Int

  /// The pixels of activations in `channelsLast` or `rows`.
  package init(_ activation: Activation) {
    let isRows = activation.layout == .rows
    precondition(isRows || activation.layout == .channelsLast, "batchLast has no pixels")
    slot = activation.slot
    (batch, channels) = (activation.batch, activation.channels)
    (height, width, border) = (activation.height, activation.width, activation.border)
    imageStride = activation.imageStride
    pitch = isRows ? 1 : activation.pitch
    channelStride = isRows ? activation.fullHeight * activation.fullWidth : 1
    rowStride = activation.fullWidth * pitch
  }

  /// Pixels of their own pitch, at least the number of channels.
  package init(
    slot: Slot, batch: Int, channels: Int, height: Int, width: Int, border: Int = 0, pitch: Int
  ) {
    precondition(pitch >= channels, "a pixel of \(channels) channels takes more than \(pitch)")
    self.slot = slot
    (self.batch, self.channels, self.pitch, channelStride) = (batch, channels, pitch, 1)
    (self.height, self.width, self.border) = (height, width, border)
    rowStride = (width + 2 * border) * pitch
    imageStride = (height + 2 * border) * rowStride
  }

  /// Floats from the first of the slot to the pixel of an image; the border has negative rows and columns.
  package func offset(_ image: Int, _ row: Int, _ column: Int) -> Int {
    image * imageStride + (row + border) * rowStride + (column + border) * pitch
  }

  /// The floats of all images.
  package var count: Int { batch * imageStride }
}

/// A convolution of pixels: its sizes, and where its windows lie.
///
/// The padding is part of the input's border. Output channels are computed in whole vectors: kernels and
/// biases are packed with columns of zeros up to `columns`, a multiple of 16.
package struct PixelConvolution: Hashable, Sendable {
  /// Its input.
  package let input: Pixels
  /// Kernels, and their rows and columns.
  package let depth, kernelHeight, kernelWidth: Int
  /// Rows and columns from one window to the next, and those of the padding.
  package let stride, padding: Int

  /// A convolution of an input whose border holds the padding.
  package init(
    _ input: Pixels, depth: Int, kernelHeight: Int, kernelWidth: Int, stride: Int = 1,
    padding: Int = 0
  ) {
    precondition(input.border >= padding, "the padding lies in the input's border")
    precondition(input.channelStride == 1, "the input of a convolution has its channels last")
    self.input = input
    (self.depth, self.kernelHeight, self.kernelWidth) = (depth, kernelHeight, kernelWidth)
    (self.stride, self.padding) = (stride, padding)
  }

  package var outputHeight: Int { (input.height + 2 * padding - kernelHeight) / stride + 1 }
  package var outputWidth: Int { (input.width + 2 * padding - kernelWidth) / stride + 1 }

  /// Kernels with the columns of zeros that fill up the vectors.
  package var columns: Int { (depth + 15) / 16 * 16 }
  /// Terms of an output's sum.
  package var terms: Int { kernelHeight * kernelWidth * input.channels }
  /// Multiply-adds of one pass over an image, with those of the zero columns.
  package var cost: Int { outputHeight * outputWidth * terms * columns }

  /// Floats from the first of the input's slot to the window of an output.
  package func window(_ image: Int, _ row: Int, _ column: Int) -> Int {
    input.offset(image, row * stride - padding, column * stride - padding)
  }
}

/// The columns of a product, cut into blocks as wide as a register tile likes them: two vectors, or three
/// where one would be left over.
package struct ColumnBlocks: Hashable, Sendable {
  /// Numbers in a vector, and vectors in all blocks.
  let lanes, vectors: Int

  init(columns: Int, lanes: Int) {
    self.lanes = lanes
    vectors = (columns + lanes - 1) / lanes
  }

  var count: Int { max(1, vectors / 2) }

  /// The first column of a block.
  func start(_ block: Int) -> Int { 2 * lanes * block }

  /// How many vectors wide a block is.
  func vectors(of block: Int) -> Int { block == count - 1 ? vectors - 2 * block : 2 }

  /// The block that holds a column.
  func block(of column: Int) -> Int { min(count - 1, column / (2 * lanes)) }
}
