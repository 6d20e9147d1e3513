import CStarlingKernels

/// A batch normalization in a plan: what it takes and gives, and where it keeps its numbers.
package struct NormalizationSizes: Sendable {
  /// Its input, and its output, pooled if it is.
  let x, y: Pixels
  /// Whether negative outputs become 0.
  let isReLU: Bool
  /// Whether the largest of each 2×2 outputs is all that is kept.
  let isPooled: Bool
  /// ε.
  let epsilon: Float
  /// The number of γ among all tensors; β, the running mean and the running variance follow.
  let weight: Int
  /// Of each channel: the mean that is taken off, the scale γ/√(σ² + ε), β, and 1/√(σ² + ε).
  let coefficients: Slot
  /// Fixed parts of the rows of all images, which are summed by themselves.
  let units: Parts

  /// Room for a number of each channel, in whole vectors.
  var stride: Int { (x.channels + 15) / 16 * 16 }
  /// How many numbers a channel has.
  var count: Int { x.batch * x.height * x.width }
  /// What holds the outputs.
  var floor: Float { isReLU ? 0 : -.infinity }
  /// Whether the channels of y do not lie side by side, so that rows of it are turned over.
  var turns: Bool { y.channelStride != 1 }
  /// Floats of a pixel that are worked on: those that fill up vectors with them, where there are any.
  var lanes: Int { x.pitch % 16 == 0 ? x.pitch : x.channels }

  init(
    x: Activation, y: Activation, isReLU: Bool, isPooled: Bool, epsilon: Float, weight: Int,
    in layout: inout WorkspaceLayout
  ) {
    self.x = Pixels(x)
    self.y = Pixels(y)
    (self.isReLU, self.isPooled, self.epsilon, self.weight) = (isReLU, isPooled, epsilon, weight)
    let pooling = isPooled ? 2 : 1
    precondition(
      self.x.channelStride == 1 && x.batch == y.batch && x.channels == y.channels
        && y.height == x.height / pooling && y.width == x.width / pooling,
      "normalization keeps the shape, and its input has the channels last")
    precondition(!isPooled || self.x.pitch % 16 == 0, "pooled channels fill whole vectors")
    let rows = x.batch * x.height
    units = Parts(
      rows, most: max(64, rows * x.width / 4096), least: max(1, 64 / x.width))
    coefficients = layout.slot(4 * ((x.channels + 15) / 16 * 16))
  }

  /// What the loops are told of all rows.
  func row(_ memory: Memory) -> starling_normalization {
    var row = starling_normalization()
    row.count = x.width
    row.channels = lanes
    row.x_pixel = x.pitch
    row.mean = UnsafePointer(memory[coefficients])
    row.scale = row.mean + stride
    row.shift = row.scale + stride
    row.floor = floor
    return row
  }

  /// The first pixel of row `number` of all images.
  func x(row number: Int, _ memory: Memory) -> UnsafePointer<Float> {
    let (image, row) = number.quotientAndRemainder(dividingBy: x.height)
    return UnsafePointer(memory[x.slot] + x.offset(image, row, 0))
  }
}
