/// Activations from `channelsLast` to rows, or back: each image is a matrix that is turned over.
struct ChannelsLastConversion: Step {
  private let from, to: Activation
  private let loops: ElementwiseLoops

  /// The step between two places of the same images, one in rows and without a border.
  init(from: Activation, to: Activation, loops: ElementwiseLoops = .current) {
    precondition((from.layout == .rows) != (to.layout == .rows))
    self.from = from
    self.to = to
    self.loops = loops
  }

  var task: String { "layout" }
  var algorithm: String { "\(from.layout) to \(to.layout)" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 4 * (from.slot.count + to.slot.count) }

  /// Each unit is a row of an image.
  func run(_ memory: Memory, _ worker: Worker) {
    let isToRows = to.layout == .rows
    let pixels = isToRows ? from : to
    let (last, rows) = (Pixels(pixels), Pixels(isToRows ? to : from))
    for unit in worker.share(of: pixels.batch * pixels.height) {
      let (image, row) = unit.quotientAndRemainder(dividingBy: pixels.height)
      let pixel = memory[last.slot] + last.offset(image, row, 0)
      let channel = memory[rows.slot] + rows.offset(image, row, 0)
      if isToRows {
        loops.transpose(
          pixel, stride: last.pitch, to: channel, stride: rows.channelStride, rows: pixels.width,
          columns: pixels.channels)
      } else {
        loops.transpose(
          channel, stride: rows.channelStride, to: pixel, stride: last.pitch,
          rows: pixels.channels, columns: pixels.width)
      }
    }
  }
}
