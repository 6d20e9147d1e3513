/// Brings a batch of images into the workspace, and what should be said of them.
struct InputStep: Step {
  /// Where the images go.
  let x: Activation
  /// Where the targets go, [batch][classes], and how many classes there are.
  let targets: Slot?
  let classes: Int
  /// The parts of what comes of a single image, of which every worker makes a copy of its own: that is faster
  /// than to wait for one.
  let localParts: Parts?
  private let destination: Destination
  private let loops = ElementwiseLoops.current

  private enum Destination {
    case pixels(Pixels)
    /// `batchLast`, and where bytes become numbers before they are turned: a row of sixteen images for
    /// every worker.
    case sixteens(staging: Slot)
  }

  init(
    x: Activation, targets: Slot?, classes: Int, localParts: Parts? = nil, workers: Int,
    in workspace: inout WorkspaceLayout
  ) {
    self.x = x
    self.targets = targets
    self.classes = classes
    self.localParts = localParts
    destination =
      x.layout == .batchLast
      ? .sixteens(staging: workspace.slot(workers * 16 * x.rowWidth)) : .pixels(Pixels(x))
  }

  var task: String { "input" }
  var algorithm: String { "\(x.layout)" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 5 * x.batch * x.channels * x.height * x.width }

  func run(_ memory: Memory, _ worker: Worker) {
    let images = worker.share(of: x.batch)
    if let targets {
      for image in images { target(image, memory[targets] + image * classes, memory) }
    }
    switch destination {
    case .sixteens(let staging):
      turn(memory, worker, by: memory[staging] + worker.index * 16 * x.rowWidth)
    case .pixels(let pixels) where localParts != nil:
      copy(0, to: worker.index, pixels, memory)
    case .pixels(let pixels):
      for image in images { copy(image, to: image, pixels, memory) }
    }
  }

  /// Sixteen images at a time: a row of each, side by side.
  ///
  /// A unit is a channel of them.
  private func turn(_ memory: Memory, _ worker: Worker, by staging: UnsafeMutablePointer<Float>) {
    let strides = BatchLastStrides(x)
    let width = x.rowWidth
    let rows = x.height * x.width / width
    let size = x.channels * x.height * x.width
    for unit in worker.share(of: x.imageBlocks * x.channels) {
      let (group, channel) = unit.quotientAndRemainder(dividingBy: x.channels)
      let images = 16 * group..<min(16 * (group + 1), x.batch)
      for row in 0..<rows {
        let offset = (channel * rows + row) * width
        let to = memory[x.slot] + strides.place(group, channel, row: row)
        switch memory.input {
        case .none:
          break
        case .tensors(let numbers, _):
          loops.toSixteens(
            numbers + images.lowerBound * size + offset, stride: size, to: to,
            images: images.count, pixels: width)
        case .samples(let bytes, _, let positions, let scale):
          for image in images {
            loops.floats(
              from: bytes + positions[image] * size + offset, scale: scale,
              to: staging + (image - images.lowerBound) * width, width)
          }
          loops.toSixteens(staging, stride: width, to: to, images: images.count, pixels: width)
        }
      }
    }
  }

  private func copy(_ image: Int, to place: Int, _ pixels: Pixels, _ memory: Memory) {
    for channel in 0..<x.channels {
      for row in 0..<x.height {
        copy(
          image, channel, row, pitch: pixels.pitch,
          to: memory[x.slot] + pixels.offset(place, row, 0) + channel * pixels.channelStride, memory
        )
      }
    }
  }

  @inline(__always)
  private func copy(
    _ image: Int, _ channel: Int, _ row: Int, pitch: Int, to: UnsafeMutablePointer<Float>,
    _ memory: Memory
  ) {
    let offset = (channel * x.height + row) * x.width
    let size = x.channels * x.height * x.width
    switch memory.input {
    case .none:
      break
    case .tensors(let images, _):
      let from = images + image * size + offset
      if pitch == 1 { return to.update(from: from, count: x.width) }
      for column in 0..<x.width { to[column &* pitch] = from[column] }
    case .samples(let bytes, _, let positions, let scale):
      let from = bytes + positions[image] * size + offset
      if pitch == 1 { return loops.floats(from: from, scale: scale, to: to, x.width) }
      for column in 0..<x.width { to[column &* pitch] = Float(from[column]) * scale }
    }
  }

  private func target(_ image: Int, _ to: UnsafeMutablePointer<Float>, _ memory: Memory) {
    switch memory.input {
    case .none: break
    case .tensors(_, let targets):
      guard let targets else { return }
      to.update(from: targets + image * classes, count: classes)
    case .samples(_, let labels, let positions, _):
      to.update(repeating: 0, count: classes)
      to[labels[positions[image]]] = 1
    }
  }
}
