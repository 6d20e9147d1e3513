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

  /// What a number of a window adds to its mean.
  fileprivate var share: Float { 1 / Float(size * size) }
}

/// The largest number, or the mean, of each window.
///
/// A unit is a channel of sixteen images.
package struct BatchLastPoolingForward: Step {
  private let pooling: BatchLastPooling

  package init(_ pooling: BatchLastPooling) { self.pooling = pooling }

  package var task: String { "forward" }
  package var algorithm: String { "pooling, batchLast" }
  package var multiplyAdds: Int { 0 }
  package var bytes: Int { pooling.bytes }

  package func run(_ memory: Memory, _ worker: Worker) {
    let (x, y) = (pooling.x, pooling.y)
    let (xs, ys) = (BatchLastStrides(x), BatchLastStrides(y))
    for unit in worker.share(of: x.imageBlocks * x.channels) {
      let (group, channel) = unit.quotientAndRemainder(dividingBy: x.channels)
      for line in 0..<y.height {
        let from = memory[x.slot] + xs.place(group, channel, row: line * pooling.stride)
        let to = memory[y.slot] + ys.place(group, channel, row: line)
        for column in 0..<y.width {
          let corner = from + 16 * column * pooling.stride
          (to + 16 * column).images =
            pooling.kind == .largest ? largest(corner, xs.row) : mean(corner, xs.row)
        }
      }
    }
  }

  /// A NaN counts as the largest.
  @inline(__always)
  private func largest(_ corner: UnsafeMutablePointer<Float>, _ row: Int) -> SIMD16<Float> {
    var largest = corner.images
    for u in 0..<pooling.size {
      for v in 0..<pooling.size {
        let x = (corner + u * row + 16 * v).images
        largest.replace(with: x, where: (x .> largest) .| (x .!= x))
      }
    }
    return largest
  }

  @inline(__always)
  private func mean(_ corner: UnsafeMutablePointer<Float>, _ row: Int) -> SIMD16<Float> {
    var sum = SIMD16<Float>()
    for u in 0..<pooling.size {
      for v in 0..<pooling.size { sum += (corner + u * row + 16 * v).images }
    }
    return sum * pooling.share
  }
}

/// dE/dX: each gradient goes to the first of its window's largest numbers, or in equal shares to all.
///
/// A unit is a channel of sixteen images.
package struct BatchLastPoolingBackward: Step {
  private let pooling: BatchLastPooling
  private let dY, dX: Activation

  /// The way back to `dX`, which lies as the pooling's input does, from `dY`.
  package init(_ pooling: BatchLastPooling, dY: Activation, dX: Activation) {
    precondition(dX.border == pooling.x.border)
    self.pooling = pooling
    self.dY = dY
    self.dX = dX
  }

  package var task: String { "dE/dX" }
  package var algorithm: String { "pooling, batchLast" }
  package var multiplyAdds: Int { 0 }
  package var bytes: Int { 2 * pooling.bytes }

  package func run(_ memory: Memory, _ worker: Worker) {
    let (xs, ys) = (BatchLastStrides(dX), BatchLastStrides(pooling.y))
    let gradients = BatchLastStrides(dY)
    let (x, y) = (memory[pooling.x.slot], memory[pooling.y.slot])
    for unit in worker.share(of: dX.imageBlocks * dX.channels) {
      let (group, channel) = unit.quotientAndRemainder(dividingBy: dX.channels)
      (memory[dX.slot] + group * xs.group + channel * xs.channel)
        .update(repeating: 0, count: xs.channel)
      for line in 0..<dY.height {
        let from = xs.place(group, channel, row: line * pooling.stride)
        let kept = ys.place(group, channel, row: line)
        let gradient = memory[dY.slot] + gradients.place(group, channel, row: line)
        for column in 0..<dY.width {
          let corner = from + 16 * column * pooling.stride
          let dY = (gradient + 16 * column).images
          if pooling.kind == .largest {
            add(
              dY, to: memory[dX.slot] + corner, x + corner, (y + kept + 16 * column).images, xs.row)
          } else {
            add(dY * pooling.share, to: memory[dX.slot] + corner, xs.row)
          }
        }
      }
    }
  }

  /// To the first that equals the largest.
  @inline(__always)
  private func add(
    _ dY: SIMD16<Float>, to dX: UnsafeMutablePointer<Float>, _ x: UnsafeMutablePointer<Float>,
    _ largest: SIMD16<Float>, _ row: Int
  ) {
    var waiting = dY
    for u in 0..<pooling.size {
      for v in 0..<pooling.size {
        let pixel = u * row + 16 * v
        let wins = (x + pixel).images .== largest
        (dX + pixel).images += waiting.replacing(with: 0, where: .!wins)
        waiting.replace(with: 0, where: wins)
      }
    }
  }

  /// To all.
  @inline(__always)
  private func add(_ share: SIMD16<Float>, to dX: UnsafeMutablePointer<Float>, _ row: Int) {
    for u in 0..<pooling.size {
      for v in 0..<pooling.size { (dX + u * row + 16 * v).images += share }
    }
  }
}

extension UnsafeMutablePointer<Float> {
  /// The sixteen numbers of a pixel.
  fileprivate var images: SIMD16<Float> {
    get { UnsafeRawPointer(self).loadUnaligned(as: SIMD16<Float>.self) }
    nonmutating set {
      UnsafeMutableRawPointer(self).storeBytes(of: newValue, as: SIMD16<Float>.self)
    }
  }
}
