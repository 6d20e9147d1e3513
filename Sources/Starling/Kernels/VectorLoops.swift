/// The loops that everything else is made of: portable SIMD over contiguous `Float`s.
///
/// Each has one fixed order of additions, so that a result depends on its inputs alone.
enum VectorLoops {
  /// Sixteen numbers: four registers of the smallest x86-64 and arm64 machines.
  typealias Vector = SIMD16<Float>
  static let width = Vector.scalarCount

  /// The vector that begins at `pointer`.
  @inline(__always)
  static func load(_ pointer: UnsafePointer<Float>) -> Vector {
    UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
  }

  /// Writes a vector that begins at `pointer`.
  @inline(__always)
  static func store(_ vector: Vector, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: Vector.self)
  }

  /// Σ x·y.
  @inline(__always)
  static func dot(
    _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ count: Int
  ) -> Float {
    var sum = Vector()
    var index = 0
    while index + width <= count {
      sum += load(x + index) * load(y + index)
      index += width
    }
    var total = sum.sum()
    while index < count {
      total += x[index] * y[index]
      index += 1
    }
    return total
  }

  /// Σ x.
  @inline(__always)
  static func sum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    var sum = Vector()
    var index = 0
    while index + width <= count {
      sum += load(x + index)
      index += width
    }
    var total = sum.sum()
    while index < count {
      total += x[index]
      index += 1
    }
    return total
  }

  /// y += a·x.
  @inline(__always)
  static func addScaled(
    _ a: Float, _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    var index = 0
    while index + width <= count {
      store(load(y + index) + a * load(x + index), y + index)
      index += width
    }
    while index < count {
      y[index] += a * x[index]
      index += 1
    }
  }
}

extension Tensor {
  /// Calls `body` with the address of the first element.
  ///
  /// There is one: empty tensors stop at the door of the network.
  func withElements<Result>(
    _ body: (UnsafePointer<Float>) throws -> Result
  ) rethrows -> Result {
    try elements.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("a tensor without elements") }
      return try body(base)
    }
  }

  /// Calls `body` with the address of the first element, to change the elements in place.
  mutating func withMutableElements<Result>(
    _ body: (UnsafeMutablePointer<Float>) throws -> Result
  ) rethrows -> Result {
    try elements.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("a tensor without elements") }
      return try body(base)
    }
  }

  /// This tensor plus another one's numbers times a factor, in place.
  ///
  /// The caller vouches that the shapes agree.
  mutating func add(_ factor: Float, times other: Tensor) {
    precondition(shape == other.shape, "\(shape) and \(other.shape) do not go together")
    let count = count
    withMutableElements { mine in
      other.withElements { VectorLoops.addScaled(factor, $0, to: mine, count) }
    }
  }
}
