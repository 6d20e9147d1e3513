import CStarlingKernels

/// y = b + w·x for a batch, from packed weights.
///
/// The inputs are cut into fixed blocks. Each sum is a chain of multiply-adds within a block, the blocks are
/// added in order, and the bias comes last: for every batch the same, so that an image's scores do not depend on
/// its company.
struct DenseForward: Step {
  let sizes: DenseSizes
  let packing: DensePacking
  let blocks: Parts
  /// The numbers of each image, in rows.
  let x: Pixels
  let y: Slot
  /// The sums, [image][output padded to whole vectors].
  private let sums: Slot
  private let panels: Panels

  init(
    _ sizes: DenseSizes, _ packing: DensePacking, blocks: Parts, x: Pixels, y: Slot,
    in workspace: inout WorkspaceLayout, panels: Panels = .current
  ) {
    self.sizes = sizes
    self.packing = packing
    self.blocks = blocks
    self.x = x
    self.y = y
    self.panels = panels
    sums = workspace.slot(sizes.batch * packing.paddedOutputs)
  }

  var task: String { "forward" }
  var algorithm: String { "panels" }
  var multiplyAdds: Int { sizes.multiplyAdds }
  var bytes: Int { sizes.forwardBytes }

  /// Groups of images are the units.
  func run(_ memory: Memory, _ worker: Worker) {
    let groups = (sizes.batch + DenseForward.group - 1) / DenseForward.group
    for group in worker.share(of: groups) {
      let first = group * DenseForward.group
      let images = first..<min(first + DenseForward.group, sizes.batch)
      for block in 0..<blocks.count {
        packing.add(
          blocks[block], images, of: x,
          to: memory[sums] + first * packing.paddedOutputs, isFirst: block == 0, panels, memory)
      }
      let bias = memory.parameters[sizes.bias]
      for image in images {
        let (sums, y) = (
          memory[sums] + image * packing.paddedOutputs, memory[y] + image * sizes.outputs
        )
        for o in 0..<sizes.outputs { y[o] = sums[o] + bias[o] }
      }
    }
  }

  /// Images in a unit: whole register tiles, and the block of inputs stays in the first-level cache.
  private static let group = 12
}

/// w·x for a few images, from packed weights: a sum for each block of inputs, which are the units.
struct DenseBlocks: Step {
  let sizes: DenseSizes
  let packing: DensePacking
  let blocks: Parts
  /// The numbers of each image, in rows; or pixels of which each block has whole channels.
  let x: Pixels
  /// The sums, [block][image][output padded to whole vectors].
  let sums: Slot
  var panels = Panels.current

  var task: String { "forward" }
  var algorithm: String { "panels, blocks of inputs" }
  var multiplyAdds: Int { sizes.multiplyAdds }
  var bytes: Int { sizes.forwardBytes }
  var isSerial: Bool { !sizes.isLarge }
  var localParts: Parts? { sizes.batch == 1 && !isSerial ? blocks : nil }

  func run(_ memory: Memory, _ worker: Worker) {
    let stride = sizes.batch * packing.paddedOutputs
    let share = worker.share(of: blocks.count)
    var block = share.lowerBound
    while block < share.upperBound {
      let sums = memory[sums] + block * stride
      let count = blocksAtOnce(in: block..<share.upperBound)
      if count > 1 {
        packing.multiply(blocks[block], count, of: x, to: sums, panels, memory)
      } else {
        packing.add(
          blocks[block], 0..<sizes.batch, of: x, to: sums, isFirst: true, panels, memory)
      }
      block += count
    }
  }

  /// How many of the first blocks are as long as the first, if all outputs are one vector: its sums would be a
  /// single chain of multiply-adds, each waiting for the one before it.
  @inline(__always)
  private func blocksAtOnce(in range: Range<Int>) -> Int {
    guard sizes.batch == 1, packing.paddedOutputs == panels.lanes else { return 1 }
    let first = range.lowerBound
    var count = 1
    while count < min(4, range.count), blocks[first + count].count == blocks[first].count {
      count += 1
    }
    return count
  }
}

/// y = b + w·x for a few images: the sums over the blocks in their order.
struct DenseBlocksSum: Step {
  let sizes: DenseSizes
  let packing: DensePacking
  let blockCount: Int
  let sums: Slot
  let y: Slot

  var task: String { "forward: sum" }
  var algorithm: String { "one worker" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 4 * blockCount * sizes.batch * packing.paddedOutputs }
  var isSerial: Bool { true }

  func run(_ memory: Memory, _ worker: Worker) {
    guard worker.index == 0 else { return }
    let stride = sizes.batch * packing.paddedOutputs
    let total = memory[sums]
    for block in 1..<max(1, blockCount) {
      VectorLoops.addScaled(1, total + block * stride, to: total, stride)
    }
    let bias = memory.parameters[sizes.bias]
    for image in 0..<sizes.batch {
      let (sums, y) = (total + image * packing.paddedOutputs, memory[y] + image * sizes.outputs)
      for o in 0..<sizes.outputs { y[o] = sums[o] + bias[o] }
    }
  }
}

extension DensePacking {
  /// The products of one image with several blocks of inputs that are equally long, for a vector of outputs.
  @inline(__always)
  fileprivate func multiply(
    _ block: Range<Int>, _ count: Int, of x: Pixels,
    to sums: UnsafeMutablePointer<Float>, _ panels: Panels, _ memory: Memory
  ) {
    var panel = starling_panel.empty
    panel.b = UnsafePointer(memory[slot] + block.lowerBound * paddedOutputs)
    (panel.b_k, panel.b_vector) = (paddedOutputs, block.count * paddedOutputs)
    panel.take(block, of: x, image: 0, memory)
    panel.a_vector = x.offset(ofNumber: block.upperBound) - x.offset(ofNumber: block.lowerBound)
    (panel.c, panel.c_vector) = (sums, paddedOutputs)
    (panel.rows, panel.vectors) = (1, count)
    panels.run(&panel)
  }

  /// Adds the products with one block of inputs to the sums of some images, or starts them with it.
  @inline(__always)
  fileprivate func add(
    _ block: Range<Int>, _ images: Range<Int>, of x: Pixels,
    to sums: UnsafeMutablePointer<Float>, isFirst: Bool, _ panels: Panels, _ memory: Memory
  ) {
    var panel = starling_panel.empty
    panel.b_vector = panels.lanes
    panel.c_row = paddedOutputs
    panel.c_vector = panels.lanes
    panel.rows = images.count
    panel.end = isFirst ? starling_panel_store : starling_panel_add
    for strip in 0..<strips.count {
      let vectors = strips[strip]
      let width = vectors.count * 16
      let b = memory[slot] + vectors.lowerBound * 16 * inputs + block.lowerBound * width
      panel.b_k = width
      panel.take(block, of: x, image: images.lowerBound, memory)
      // A vector of 16 is several of the machine's where those are shorter.
      let all = width / panels.lanes
      var first = 0
      while first < all {
        panel.vectors = min(panels.widest, all - first)
        panel.b = UnsafePointer(b + first * panels.lanes)
        panel.c = sums + vectors.lowerBound * 16 + first * panels.lanes
        panels.run(&panel)
        first += panel.vectors
      }
    }
  }
}

extension starling_panel {
  /// Takes a block of each image's numbers, from one image on, for the left factor; they meet rows that lie `b_k` apart.
  @inline(__always)
  fileprivate mutating func take(
    _ block: Range<Int>, of x: Pixels, image: Int, _ memory: Memory
  ) {
    let first = memory[x.slot] + image * x.imageStride
    a_row = x.imageStride
    a = UnsafePointer(first + x.offset(ofNumber: block.lowerBound))
    (a_k, a_s, b_s) = (x.pitch, x.channelStride, x.area * b_k)
    (count_s, count_k) = x.isEven ? (1, block.count) : (block.count / x.area, x.area)
  }
}

extension Pixels {
  /// Positions of an image, which has no border here.
  fileprivate var area: Int { height * width }

  /// Whether the numbers of an image, channel by channel, are equally far from each other.
  fileprivate var isEven: Bool { channelStride == area * pitch }

  /// Where a number of an image is, counted channel by channel: the first of a channel, where they are not even.
  fileprivate func offset(ofNumber number: Int) -> Int {
    isEven ? number * pitch : number / area * channelStride
  }
}
