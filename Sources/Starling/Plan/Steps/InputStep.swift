/// Brings a batch of images into the workspace, and what should be said of them.
struct InputStep: Step {
  /// Where the images go, in rows or with channels last.
  let x: Activation
  /// Where the targets go, [batch][classes], and how many classes there are.
  let targets: Slot?
  let classes: Int
  /// The parts of what comes of a single image, of which every worker makes a copy of its own: that is faster
  /// than to wait for one.
  let localParts: Parts?
  private let pixels: Pixels
  private let loops = ElementwiseLoops.current

  init(x: Activation, targets: Slot?, classes: Int, localParts: Parts? = nil) {
    self.x = x
    self.targets = targets
    self.classes = classes
    self.localParts = localParts
    pixels = Pixels(x)
  }

  var task: String { "input" }
  var algorithm: String { "\(x.layout)" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 5 * x.batch * x.channels * x.height * x.width }

  func run(_ memory: Memory, _ worker: Worker) {
    if localParts != nil {
      copy(0, to: worker.index, memory)
      if let targets, worker.index == 0 { target(0, memory[targets], memory) }
      return
    }
    for image in worker.share(of: x.batch) {
      copy(image, to: image, memory)
      if let targets { target(image, memory[targets] + image * classes, memory) }
    }
  }

  private func copy(_ image: Int, to place: Int, _ memory: Memory) {
    for channel in 0..<x.channels {
      for row in 0..<x.height { copy(image, channel, row, to: place, memory) }
    }
  }

  @inline(__always)
  private func copy(_ image: Int, _ channel: Int, _ row: Int, to place: Int, _ memory: Memory) {
    let to = memory[x.slot] + pixels.offset(place, row, 0) + channel * pixels.channelStride
    let pitch = pixels.pitch
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
