import CStarlingKernels

/// Pooling of images in `batchLast`.
package struct BatchLastPooling: Hashable, Sendable {
  /// What is kept of a window.
  package enum Kind: Hashable, Sendable {
    case largest, mean
  }

  /// What is kept of a window.
  package let kind: Kind
  /// Rows and columns of a window, and from one window to the next.
  package let size, stride: Int
  /// The input and the output.
  package let x, y: Activation

  package init(_ kind: Kind, size: Int, stride: Int, x: Activation, y: Activation) {
    precondition(
      x.layout == .batchLast && y.layout == .batchLast && x.channels == y.channels
        && y.height == (x.height - size) / stride + 1 && y.width == (x.width - size) / stride + 1)
    self.kind = kind
    self.size = size
    self.stride = stride
    self.x = x
    self.y = y
  }

  /// The bytes that one pass reads and writes.
  fileprivate var bytes: Int { 4 * x.imageBlocks * (x.imageStride + y.imageStride) }

  /// A row of windows, without its places.
  fileprivate var row: starling_window_row {
    var row = starling_window_row()
    row.x_row = BatchLastStrides(x).row
    (row.height, row.width, row.stride) = (size, size, stride)
    row.windows = y.width
    return row
  }
}

/// The largest number, or the mean, of each window.
///
/// A unit is a channel of sixteen images.
package struct BatchLastPoolingForward: Step {
  private let pooling: BatchLastPooling
  private let loops: BatchLastLoops

  package init(_ pooling: BatchLastPooling, set: InstructionSet = .current) {
    self.pooling = pooling
    loops = BatchLastLoops(set)
  }

  package var task: String { "forward" }
  package var algorithm: String { "pooling, batchLast" }
  package var multiplyAdds: Int { 0 }
  package var bytes: Int { pooling.bytes }

  package func run(_ memory: Memory, _ worker: Worker) {
    let (x, y) = (pooling.x, pooling.y)
    let (xs, ys) = (BatchLastStrides(x), BatchLastStrides(y))
    var row = pooling.row
    for unit in worker.share(of: x.imageBlocks * x.channels) {
      let (group, channel) = unit.quotientAndRemainder(dividingBy: x.channels)
      for line in 0..<y.height {
        row.x = memory[x.slot] + xs.place(group, channel, row: line * pooling.stride)
        row.y = memory[y.slot] + ys.place(group, channel, row: line)
        switch pooling.kind {
        case .largest: loops.table.largest(&row)
        case .mean: loops.table.mean(&row)
        }
      }
    }
  }
}

/// dE/dX: each gradient goes to the first of its window's largest numbers, or in equal shares to all.
///
/// A unit is a channel of sixteen images.
package struct BatchLastPoolingBackward: Step {
  private let pooling: BatchLastPooling
  private let dY, dX: Activation
  private let loops: BatchLastLoops

  /// The way back to `dX`, which lies as the pooling's input does, from `dY`.
  package init(
    _ pooling: BatchLastPooling, dY: Activation, dX: Activation, set: InstructionSet = .current
  ) {
    precondition(dX.border == pooling.x.border)
    self.pooling = pooling
    self.dY = dY
    self.dX = dX
    loops = BatchLastLoops(set)
  }

  package var task: String { "dE/dX" }
  package var algorithm: String { "pooling, batchLast" }
  package var multiplyAdds: Int { 0 }
  package var bytes: Int { 2 * pooling.bytes }

  package func run(_ memory: Memory, _ worker: Worker) {
    let (xs, ys) = (BatchLastStrides(dX), BatchLastStrides(pooling.y))
    let gradients = BatchLastStrides(dY)
    var row = pooling.row
    for unit in worker.share(of: dX.imageBlocks * dX.channels) {
      let (group, channel) = unit.quotientAndRemainder(dividingBy: dX.channels)
      (memory[dX.slot] + group * xs.group + channel * xs.channel)
        .update(repeating: 0, count: xs.channel)
      for line in 0..<dY.height {
        let from = xs.place(group, channel, row: line * pooling.stride)
        row.x = memory[dX.slot] + from
        row.y = memory[dY.slot] + gradients.place(group, channel, row: line)
        switch pooling.kind {
        case .largest:
          loops.table.largest_back(
            &row, memory[pooling.x.slot] + from,
            memory[pooling.y.slot] + ys.place(group, channel, row: line))
        case .mean:
          loops.table.mean_back(&row)
        }
      }
    }
  }
}
