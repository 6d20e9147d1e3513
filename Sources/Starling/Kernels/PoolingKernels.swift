/// The sizes of a pooling layer; the batch is the tensors' own.
struct PoolingSizes: Sendable {
  let depth, inputHeight, inputWidth: Int
  let size, stride: Int

  init(_ input: Shape, size: Int, stride: Int) {
    (depth, inputHeight, inputWidth) = (input[0], input[1], input[2])
    (self.size, self.stride) = (size, stride)
  }

  var outputHeight: Int { (inputHeight - size) / stride + 1 }
  var outputWidth: Int { (inputWidth - size) / stride + 1 }
  var inputArea: Int { inputHeight * inputWidth }
  var outputArea: Int { outputHeight * outputWidth }
  var inputShape: Shape { [depth, inputHeight, inputWidth] }
  var outputShape: Shape { [depth, outputHeight, outputWidth] }

  /// Numbers looked at in one image.
  var cost: Int { depth * outputArea * size * size }

  /// Calls `body` with each output's place in its map, and the place of its window's first number in its
  /// map, in the order of rows.
  @inline(__always)
  func forEachWindow(_ body: (_ output: Int, _ start: Int) -> Void) {
    for row in 0..<outputHeight {
      for column in 0..<outputWidth {
        body(row * outputWidth + column, (row * inputWidth + column) * stride)
      }
    }
  }

  /// Calls `body` with the place of each number of a window, in the order of rows.
  @inline(__always)
  func forEachPlace(ofWindowAt start: Int, _ body: (Int) -> Void) {
    for u in 0..<size {
      for v in 0..<size { body(start + u * inputWidth + v) }
    }
  }
}

/// The loop nests of pooling: each map of each image by itself.
enum PoolingKernels {
  /// Y is the largest number of each window.
  static func largest(_ sizes: PoolingSizes, _ x: Tensor, _ threads: Threads) -> Tensor {
    forward(sizes, x, threads) { _, x, start in x[place(ofLargestIn: x, at: start, sizes)] }
  }

  /// Y is the number of each window that stands where another batch has its largest one.
  static func numbers(
    _ sizes: PoolingSizes, _ x: Tensor, whereLargestIn other: Tensor, _ threads: Threads
  ) -> Tensor {
    other.withElements { other in
      forward(sizes, x, threads) { map, x, start in
        x[place(ofLargestIn: other + map * sizes.inputArea, at: start, sizes)]
      }
    }
  }

  /// dE/dX: each dE/dY at the place of its window's largest number.
  static func gradientOfLargest(
    _ sizes: PoolingSizes, _ x: Tensor, _ dY: Tensor, _ threads: Threads
  ) -> Tensor {
    x.withElements { x in
      backward(sizes, dY, threads) { map, dY, start, dX in
        dX[place(ofLargestIn: x + map * sizes.inputArea, at: start, sizes)] += dY
      }
    }
  }

  /// Y is the mean of each window.
  static func mean(_ sizes: PoolingSizes, _ x: Tensor, _ threads: Threads) -> Tensor {
    let share = 1 / Float(sizes.size * sizes.size)
    return forward(sizes, x, threads) { _, x, start in
      var sum: Float = 0
      sizes.forEachPlace(ofWindowAt: start) { sum += x[$0] }
      return sum * share
    }
  }

  /// dE/dX: each dE/dY in equal shares all over its window.
  static func gradientOfMean(_ sizes: PoolingSizes, _ dY: Tensor, _ threads: Threads) -> Tensor {
    let share = 1 / Float(sizes.size * sizes.size)
    return backward(sizes, dY, threads) { _, dY, start, dX in
      sizes.forEachPlace(ofWindowAt: start) { dX[$0] += dY * share }
    }
  }

  /// The first place, in the order of rows, of a window's largest number; a NaN is larger than all others.
  @inline(__always)
  private static func place(
    ofLargestIn x: UnsafePointer<Float>, at start: Int, _ sizes: PoolingSizes
  ) -> Int {
    var largest = start
    sizes.forEachPlace(ofWindowAt: start) { if x[$0] > x[largest] || x[$0].isNaN { largest = $0 } }
    return largest
  }

  /// A number for each window of each map.
  @inline(__always)
  private static func forward(
    _ sizes: PoolingSizes, _ x: Tensor, _ threads: Threads,
    _ value: (_ map: Int, _ x: UnsafePointer<Float>, _ start: Int) -> Float
  ) -> Tensor {
    let batch = x.shape[0]
    return Tensor(uninitialized: sizes.outputShape.batched(batch)) { y in
      x.withElements { x in
        threads.split(batch * sizes.depth, cost: batch * sizes.cost) { maps in
          for map in maps {
            let (x, y) = (x + map * sizes.inputArea, y + map * sizes.outputArea)
            sizes.forEachWindow { output, start in y[output] = value(map, x, start) }
          }
        }
      }
    }
  }

  /// What each dE/dY adds to the map that its window lies in.
  @inline(__always)
  private static func backward(
    _ sizes: PoolingSizes, _ dY: Tensor, _ threads: Threads,
    _ add: (_ map: Int, _ dY: Float, _ start: Int, _ dX: UnsafeMutablePointer<Float>) -> Void
  ) -> Tensor {
    let batch = dY.shape[0]
    return Tensor(uninitialized: sizes.inputShape.batched(batch)) { dX in
      dY.withElements { dY in
        threads.split(batch * sizes.depth, cost: batch * sizes.cost) { maps in
          for map in maps {
            let (dX, dY) = (dX + map * sizes.inputArea, dY + map * sizes.outputArea)
            dX.initialize(repeating: 0, count: sizes.inputArea)
            sizes.forEachWindow { output, start in add(map, dY[output], start, dX) }
          }
        }
      }
    }
  }
}
