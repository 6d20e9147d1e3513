import CStarlingKernels

/// The way from `rows` to `batchLast`, or back.
///
/// A unit is a channel of sixteen images.
package struct BatchLastConversion: Step {
  private let from, to: Activation
  private let loops: BatchLastLoops

  /// The conversion of activations of equal shape, one of which lies in `rows` without a border.
  package init(from: Activation, to: Activation, set: InstructionSet = .current) {
    let rows = from.layout == .rows ? from : to
    precondition(
      from.layout != to.layout && rows.layout == .rows && rows.border == 0
        && from.channels * from.height * from.width == to.channels * to.height * to.width)
    self.from = from
    self.to = to
    loops = BatchLastLoops(set)
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
        if from.layout == .rows {
          loops.table.gather(
            memory[from.slot] + plain, size, count, memory[to.slot] + place, width)
        } else {
          loops.table.scatter(
            memory[from.slot] + place, width, memory[to.slot] + plain, size, count)
        }
      }
    }
  }
}
