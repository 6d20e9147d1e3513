/// Activations from `channelsLast` to rows, or back: each image is a matrix that is turned over.
struct ChannelsLastConversion: Step {
  private let from, to: Activation
  /// The parts of the rows of one image that the next step is going to work on, by the same workers.
  let localParts: Parts?
  private let loops: ElementwiseLoops

  /// The step between two places of the same images, one in rows and without a border.
  init(
    from: Activation, to: Activation, localParts: Parts? = nil, loops: ElementwiseLoops = .current
  ) {
    precondition((from.layout == .rows) != (to.layout == .rows))
    self.from = from
    self.to = to
    self.localParts = localParts
    self.loops = loops
  }

  var task: String { "layout" }
  var algorithm: String { "\(from.layout) to \(to.layout)" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 4 * (from.slot.count + to.slot.count) }

  var isSerial: Bool { localParts == nil && from.slot.count < 8192 }

  /// Each unit is sixteen channels of an image: workers that shared channels would share cache lines.
  func run(_ memory: Memory, _ worker: Worker) {
    if let localParts {
      for part in worker.share(of: localParts.count) { gather(localParts[part], memory) }
      return
    }
    let isToRows = to.layout == .rows
    let pixels = isToRows ? from : to
    let (last, rows) = (Pixels(pixels), Pixels(isToRows ? to : from))
    let groups = (pixels.channels + 15) / 16
    for unit in worker.share(of: pixels.batch * groups) {
      let (image, group) = unit.quotientAndRemainder(dividingBy: groups)
      let first = 16 * group
      let channels = min(16, pixels.channels - first)
      for row in 0..<pixels.height {
        let pixel = memory[last.slot] + last.offset(image, row, 0) + first
        let channel =
          memory[rows.slot] + rows.offset(image, row, 0) + first * rows.channelStride
        if isToRows {
          loops.transpose(
            pixel, stride: last.pitch, to: channel, stride: rows.channelStride,
            rows: pixels.width, columns: channels)
        } else {
          loops.transpose(
            channel, stride: rows.channelStride, to: pixel, stride: last.pitch, rows: channels,
            columns: pixels.width)
        }
      }
    }
  }
  /// Brings some numbers of an image to their place in its rows.
  private func gather(_ numbers: Range<Int>, _ memory: Memory) {
    let pixels = Pixels(from)
    let area = from.height * from.width
    let to = memory[to.slot]
    for number in numbers {
      let (channel, position) = number.quotientAndRemainder(dividingBy: area)
      let (row, column) = position.quotientAndRemainder(dividingBy: from.width)
      to[number] = memory[from.slot][pixels.offset(0, row, column) + channel]
    }
  }
}
