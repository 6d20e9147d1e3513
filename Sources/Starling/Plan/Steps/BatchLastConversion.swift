/// The way from `rows` to `batchLast`, or back.
///
/// A unit is a channel of sixteen images.
package struct BatchLastConversion: Step {
  private let from, to: Activation
  private let loops: ElementwiseLoops

  /// The conversion of activations of equal shape, one of which lies in `rows` without a border.
  package init(from: Activation, to: Activation, set: InstructionSet = .current) {
    let rows = from.layout == .rows ? from : to
    precondition(
      from.layout != to.layout && rows.layout == .rows && rows.border == 0
        && from.channels * from.height * from.width == to.channels * to.height * to.width)
    self.from = from
    self.to = to
    loops = ElementwiseLoops(set)
  }

  package var task: String { "layout" }
  package var algorithm: String { "\(from.layout) to \(to.layout)" }
  package var multiplyAdds: Int { 0 }
  package var bytes: Int { 8 * from.batch * from.channels * from.height * from.width }

  private var images: Activation { from.layout == .batchLast ? from : to }

  package func run(_ memory: Memory, _ worker: Worker) {
    let images = images
    let strides = BatchLastStrides(images)
    let size = images.channels * images.height * images.width
    // Without a border, a channel is a single row.
    let rows = images.border == 0 ? 1 : images.height
    let width = images.height * images.width / rows
    for unit in worker.share(of: images.imageBlocks * images.channels) {
      let (group, channel) = unit.quotientAndRemainder(dividingBy: images.channels)
      let count = min(16, images.batch - 16 * group)
      for row in 0..<rows {
        let place = strides.place(group, channel, row: row)
        let plain = 16 * group * size + (channel * rows + row) * width
        // What remains of a row is turned as part of a block that ends with it.
        let whole = width < 16 ? width : width / 16 * 16
        convert(memory, place, plain, size, images: count, pixels: whole)
        if whole < width {
          let last = width - 16
          convert(memory, place + 16 * last, plain + last, size, images: count, pixels: 16)
        }
      }
    }
  }

  @inline(__always)
  private func convert(
    _ memory: Memory, _ place: Int, _ plain: Int, _ size: Int, images: Int, pixels: Int
  ) {
    if from.layout == .rows {
      loops.transpose(
        memory[from.slot] + plain, stride: size, to: memory[to.slot] + place, stride: 16,
        rows: images, columns: pixels)
    } else {
      loops.transpose(
        memory[from.slot] + place, stride: 16, to: memory[to.slot] + plain, stride: size,
        rows: pixels, columns: images)
    }
  }
}
