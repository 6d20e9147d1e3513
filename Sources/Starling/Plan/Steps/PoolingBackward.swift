import CStarlingKernels

/// dE/dX of a pooling: dE/dY goes to the first of a window's largest numbers, or in equal shares to all; where
/// windows overlap, a number gets the sum.
package struct PoolingBackward: Step {
  private let x, y, dY, dX: Pixels
  private let window: PoolingWindow
  private let winners: PoolingWinners?
  /// Whether all channels lie side by side.
  private let areVectors: Bool
  /// What of dE/dY of a window has not found its number yet, a float for each channel.
  private let waiting: WorkerScratch
  private let loops: NormalizationLoops

  /// The way back of a step, which leaves X and Y as they were.
  package init(
    of forward: PoolingForward, dY: Activation, dX: Activation, workers: Int,
    in layout: inout WorkspaceLayout, for set: InstructionSet = .current
  ) {
    (x, y, window) = (forward.x, forward.y, forward.window)
    precondition(
      dY.height == y.height && dY.width == y.width && dX.height == x.height && dX.width == x.width,
      "gradients have the shapes of their activations")
    self.dY = Pixels(dY)
    self.dX = Pixels(dX)
    let isWhole = dY.layout == .channelsLast && dX.layout == .channelsLast
    winners = isWhole ? forward.winners : nil
    areVectors = [x, y, self.dY, self.dX].allSatisfy { $0.channelStride == 1 }
    waiting = WorkerScratch(x.channels, workers: workers, in: &layout)
    loops = NormalizationLoops(set)
  }

  package var task: String { "dE/dX" }
  package var algorithm: String { winners == nil ? "windows" : "2×2, channelsLast" }
  package var multiplyAdds: Int { 0 }
  package var bytes: Int { 4 * (2 * dX.count + 2 * dY.count) }
  package var isSerial: Bool { dX.count < 1024 }

  package func run(_ memory: Memory, _ worker: Worker) {
    if let winners {
      for number in worker.share(of: dX.batch * dX.height) { unpool(number, winners, memory) }
    } else {
      // Windows may overlap, so that an image is one unit.
      for image in worker.share(of: dX.batch) {
        clear(image, memory)
        for row in 0..<dY.height {
          for column in 0..<dY.width {
            if areVectors {
              spread(image, row, column, memory, worker, 1, 1, 1, 1)
            } else {
              spread(
                image, row, column, memory, worker, x.channelStride, y.channelStride,
                dY.channelStride, dX.channelStride)
            }
          }
        }
      }
    }
  }

  /// A row of dE/dX, from the winners.
  private func unpool(_ number: Int, _ winners: PoolingWinners, _ memory: Memory) {
    let (image, r) = number.quotientAndRemainder(dividingBy: dX.height)
    var row = starling_normalization()
    (row.count, row.channels) = (dX.width, dX.pitch)
    row.y = memory[dX.slot] + dX.offset(image, r, 0)
    row.y_pixel = dX.pitch
    if r / 2 < dY.height {
      row.pooled = dY.width
      row.dY = UnsafePointer(memory[dY.slot] + dY.offset(image, r / 2, 0))
      row.dY_pixel = dY.pitch
      row.winners = UnsafePointer(memory.bytes(winners.slot) + winners.offset(image, r / 2, 0))
      row.winners_pixel = winners.pitch
      row.first = Int32(r % 2 * 2)
    }
    loops.unpool(&row)
  }

  /// Zeros inside the border of an image.
  private func clear(_ image: Int, _ memory: Memory) {
    for row in 0..<dX.height {
      let first = memory[dX.slot] + dX.offset(image, row, 0)
      if dX.channelStride == 1 {
        first.update(repeating: 0, count: dX.width * dX.pitch)
      } else {
        for c in 0..<dX.channels {
          (first + c * dX.channelStride).update(repeating: 0, count: dX.width)
        }
      }
    }
  }

  /// Adds dE/dY of a window to dE/dX; `xs`, `ys`, `dYs` and `dXs` are from one channel to the next.
  @inline(__always)
  private func spread(
    _ image: Int, _ row: Int, _ column: Int, _ memory: Memory, _ worker: Worker, _ xs: Int,
    _ ys: Int, _ dYs: Int, _ dXs: Int
  ) {
    let (top, left) = (row * window.stride, column * window.stride)
    let slope = memory[dY.slot] + dY.offset(image, row, column)
    let kept = memory[y.slot] + y.offset(image, row, column)
    let waiting = memory[waiting, worker]
    let share = window.kind == .max ? 1 : 1 / Float(window.size * window.size)
    for c in 0..<dY.channels { waiting[c] = slope[c &* dYs] * share }
    for u in 0..<window.size {
      for v in 0..<window.size {
        let number = memory[x.slot] + x.offset(image, top + u, left + v)
        let sum = memory[dX.slot] + dX.offset(image, top + u, left + v)
        if window.kind == .average {
          for c in 0..<dX.channels { sum[c &* dXs] += waiting[c] }
        } else {
          for c in 0..<dX.channels {
            let (one, largest) = (number[c &* xs], kept[c &* ys])
            let takes = one == largest || (one != one && largest != largest)
            sum[c &* dXs] += takes ? waiting[c] : 0
            waiting[c] = takes ? 0 : waiting[c]
          }
        }
      }
    }
  }
}
