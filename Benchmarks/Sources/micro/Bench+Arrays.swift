import Starling

/// Work of nobody: what is left is the way there and back.
private struct Nothing: SharedWork {
  func run(_ worker: Worker) {}
}

/// Nothing but meetings.
private struct Barriers: SharedWork {
  let count: Int

  func run(_ worker: Worker) {
    for _ in 0..<count { worker.barrier() }
  }
}

extension Bench {
  /// Functions of each number of an array that the first-level cache holds.
  mutating func measureFunctions() {
    let loops = ElementwiseLoops.current
    let count = 4096
    let size = "\(count) numbers"
    let (x, positive) = (Floats(count, in: -8...8), Floats(count, in: 0.01...8))
    let y = Floats(count)
    measure("exp", size, elements: count) { loops.exp(x.start, to: y.start, count) }
    measure("log", size, elements: count) { loops.log(positive.start, to: y.start, count) }
    measure("sigmoid", size, elements: count) { loops.sigmoid(x.start, to: y.start, count) }
    measure("tanh", size, elements: count) { loops.tanh(x.start, to: y.start, count) }
    measure("ReLU", size, bytes: 8 * count, elements: count) {
      loops.relu(x.start, to: y.start, count)
    }
    measure("y += a·x", size, bytes: 12 * count, elements: count) {
      loops.addScaled(1e-6, x.start, to: y.start, count)
    }
    let (rows, columns) = (128, 10)
    measure("softmax", "\(rows) × \(columns)", elements: rows * columns) {
      loops.softmax(
        x.start, stride: columns, to: y.start, stride: columns, rows: rows, columns: columns)
    }
  }

  /// Transposes, at home in the first-level cache and beyond it.
  mutating func measureTransposes() {
    let loops = ElementwiseLoops.current
    for (rows, columns) in [(64, 64), (100, 3380), (512, 512)] {
      let (x, y) = (Floats(rows * columns), Floats(rows * columns))
      measure("transpose", "\(rows) × \(columns)", bytes: 8 * rows * columns) {
        loops.transpose(
          x.start, stride: columns, to: y.start, stride: rows, rows: rows, columns: columns)
      }
    }
  }

  /// What it costs to work together.
  mutating func measureThreads() {
    let threads = Threads.available.count
    guard threads > 1 else { return }
    let meetings = 10_000
    measure("barrier", "", threads: threads, runs: meetings) {
      ThreadPool.shared.run(workers: threads, Barriers(count: meetings))
    }
    measure("dispatch and return", "", threads: threads, runs: 1000) {
      for _ in 0..<1000 { ThreadPool.shared.run(workers: threads, Nothing()) }
    }
  }
}
