/// How the sum over a batch that makes a kernel gradient is cut: into blocks of images, whose partial sums
/// are added in the order of the blocks, and into groups of kernels, that need no adding.
///
/// It depends on the sizes alone, so that the bits do not depend on who does which part.
struct GradientParts: Hashable, Sendable {
  let batch, depth: Int
  /// Blocks of images, and groups of kernels: a unit of work is one of each.
  let blocks, groups: Int

  /// Parts enough for several workers, but no more partial sums than a cache can hold.
  init(batch: Int, depth: Int, floats: Int) {
    self.batch = batch
    self.depth = depth
    blocks = max(1, min(batch, 8, GradientParts.mostFloats / max(1, floats)))
    groups = min((depth + GradientParts.granule - 1) / GradientParts.granule, (7 + blocks) / blocks)
  }

  /// Kernels that stay together: two vectors.
  private static let granule = 32
  private static let mostFloats = 1 << 20

  var units: Int { blocks * groups }

  /// The images of a unit.
  func images(_ unit: Int) -> Range<Int> {
    let block = unit % blocks
    return block * batch / blocks..<(block + 1) * batch / blocks
  }

  /// The kernels of a unit, from a multiple of 32 on.
  func kernels(_ unit: Int) -> Range<Int> {
    let granules = (depth + GradientParts.granule - 1) / GradientParts.granule
    let group = unit / blocks
    let start = group * granules / groups * GradientParts.granule
    return start..<min(depth, (group + 1) * granules / groups * GradientParts.granule)
  }

  /// The most kernels that a unit has.
  var mostKernels: Int { (0..<groups).map { kernels($0 * blocks).count }.max() ?? 0 }

  /// Which of the partial sums a unit adds to.
  func part(_ unit: Int) -> Int { unit % blocks }
}

/// The partial sums of a convolution's gradients: so many parts, each with kernels and, behind them, biases.
package struct PartialKernels: Hashable, Sendable {
  let slot: Slot
  let parts: Int
  /// Floats in a part, and before its biases.
  let stride, biases: Int
  /// Floats from one kernel, row, column and input channel to the next.
  let kernelStride, rowStride, columnStride, channelStride: Int

  subscript(part: Int) -> Slot { Slot(offset: slot.offset + part * stride, count: stride) }
}
