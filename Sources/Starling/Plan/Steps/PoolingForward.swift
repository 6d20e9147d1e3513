import CStarlingKernels

/// What becomes of each window of a pooling layer, and where the windows lie.
package struct PoolingWindow: Hashable, Sendable {
  /// What is kept of a window: its largest number, or its mean.
  package enum Kind: Sendable {
    case max, average
  }

  let kind: Kind
  /// Rows and columns of a window, and from one window to the next.
  let size, stride: Int

  package init(_ kind: Kind, size: Int, stride: Int) {
    (self.kind, self.size, self.stride) = (kind, size, stride)
  }
}

/// Y is the largest number or the mean of each window, with channels last or in rows.
///
/// A NaN counts as the largest.
package struct PoolingForward: Step {
  let x, y: Pixels
  let window: PoolingWindow
  /// Which numbers were kept, for the way back; nil where the input itself tells it.
  let winners: PoolingWinners?
  /// Windows of 2×2 side by side, in whole vectors of channels, have a loop of their own.
  private let isHalving: Bool
  private let loops: SparseLoops

  /// The step that writes the interior of `y`; for training it notes what the way back needs.
  package init(
    _ window: PoolingWindow, x: Activation, y: Activation, isTraining: Bool,
    in layout: inout WorkspaceLayout, for set: InstructionSet = .current
  ) {
    precondition(
      x.batch == y.batch && x.channels == y.channels
        && y.height == (x.height - window.size) / window.stride + 1
        && y.width == (x.width - window.size) / window.stride + 1,
      "the output has a number for each window")
    self.x = Pixels(x)
    self.y = Pixels(y)
    self.window = window
    isHalving =
      window == PoolingWindow(.max, size: 2, stride: 2) && y.layout == .channelsLast
      && x.layout == .channelsLast && x.pitch % 16 == 0
    winners =
      isHalving && isTraining
      ? PoolingWinners(
        batch: y.batch, channels: y.channels, height: y.height, width: y.width, in: &layout) : nil
    loops = SparseLoops(set)
  }

  package var task: String { window.kind == .max ? "max pooling" : "average pooling" }
  package var algorithm: String { isHalving ? "2×2, channelsLast" : "windows" }
  package var multiplyAdds: Int { 0 }
  package var bytes: Int { 4 * (x.count + y.count) }
  package var isSerial: Bool { x.count < 1024 }

  /// Each unit is a row of windows of an image.
  package func run(_ memory: Memory, _ worker: Worker) {
    for number in worker.share(of: y.batch * y.height) {
      let (image, row) = number.quotientAndRemainder(dividingBy: y.height)
      let from = UnsafePointer(memory[x.slot] + x.offset(image, row * window.stride, 0))
      let to = memory[y.slot] + y.offset(image, row, 0)
      if isHalving {
        var pool = starling_pool()
        (pool.from, pool.from_pixel, pool.from_row) = (from, x.pitch, x.rowStride)
        (pool.to, pool.to_pixel) = (to, y.pitch)
        if let winners {
          pool.winners = memory.bytes(winners.slot) + winners.offset(image, row, 0)
          pool.winners_pixel = winners.pitch
        }
        (pool.count, pool.vectors) = (y.width, x.pitch / loops.lanes)
        pool.floor = -.infinity
        loops.run(&pool)
      } else {
        for column in 0..<y.width {
          let corner = from + column * window.stride * x.pitch
          let kept = to + column * y.pitch
          if x.channelStride == 1 && y.channelStride == 1 {
            pool(corner, kept, 1, 1)
          } else {
            pool(corner, kept, x.channelStride, y.channelStride)
          }
        }
      }
    }
  }

  /// What is kept of a window, for all channels; `xs` and `ys` are from one channel to the next.
  @inline(__always)
  private func pool(
    _ corner: UnsafePointer<Float>, _ kept: UnsafeMutablePointer<Float>, _ xs: Int, _ ys: Int
  ) {
    for c in 0..<x.channels { kept[c &* ys] = window.kind == .max ? corner[c &* xs] : 0 }
    for u in 0..<window.size {
      for v in 0..<window.size {
        let pixel = corner + u * x.rowStride + v * x.pitch
        if window.kind == .max {
          for c in 0..<x.channels {
            let (number, largest) = (pixel[c &* xs], kept[c &* ys])
            kept[c &* ys] = number > largest || number != number ? number : largest
          }
        } else {
          for c in 0..<x.channels { kept[c &* ys] += pixel[c &* xs] }
        }
      }
    }
    guard window.kind == .average else { return }
    let share = 1 / Float(window.size * window.size)
    for c in 0..<x.channels { kept[c &* ys] *= share }
  }
}
