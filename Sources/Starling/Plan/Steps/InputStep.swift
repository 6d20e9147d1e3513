/// Brings a batch of images into the workspace, and what should be said of them.
struct InputStep: Step {
  /// Where the images go, in rows or with channels last.
  let x: Activation
  /// Where the targets go, [batch][classes], and how many classes there are.
  let targets: Slot?
  let classes: Int
  private let pixels: Pixels

  init(x: Activation, targets: Slot?, classes: Int) {
    self.x = x
    self.targets = targets
    self.classes = classes
    pixels = Pixels(x)
  }

  var task: String { "input" }
  var algorithm: String { "\(x.layout)" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 5 * x.batch * x.channels * x.height * x.width }

  func run(_ memory: Memory, _ worker: Worker) {
    for image in worker.share(of: x.batch) {
      for channel in 0..<x.channels {
        for row in 0..<x.height { copy(image, channel, row, memory) }
      }
      if let targets { target(image, memory[targets] + image * classes, memory) }
    }
  }

  @inline(__always)
  private func copy(_ image: Int, _ channel: Int, _ row: Int, _ memory: Memory) {
    let to = memory[x.slot] + pixels.offset(image, row, 0) + channel * pixels.channelStride
    let pitch = pixels.pitch
    let offset = (channel * x.height + row) * x.width
    let size = x.channels * x.height * x.width
    switch memory.input {
    case .none:
      break
    case .tensors(let images, _):
      let from = images + image * size + offset
      for column in 0..<x.width { to[column &* pitch] = from[column] }
    case .samples(let bytes, _, let positions, let scale):
      let from = bytes + positions[image] * size + offset
      for column in 0..<x.width {
        to[column &* pitch] = Float(from[column]) * scale
      }
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
