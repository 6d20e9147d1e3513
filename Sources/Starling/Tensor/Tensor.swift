/// Numbers with a shape: `Float`, row-major, the last axis contiguous.
///
/// Images are `[depth, height, width]` and batches `[batch, depth, height, width]`, the deck's order
/// of a volume, and PyTorch's and ONNX's. A tensor is a value: a copy shares storage until one of the
/// two is written.
public struct Tensor: Hashable, Sendable {
  /// The length of each axis.
  public let shape: Shape

  /// The numbers, row by row.
  ///
  /// Their count is `shape.count`, always.
  public internal(set) var elements: [Float]

  /// A tensor of the given numbers, row by row.
  ///
  /// - Throws: ``ShapeError`` when the shape does not hold exactly that many numbers.
  public init(_ shape: Shape, elements: [Float]) throws(ShapeError) {
    guard let count = shape.exactCount else {
      throw ShapeError(
        place: "Tensor", axis: "shape", expected: "axes of 0 or more whose product can be counted",
        found: "\(shape)", remedy: "give one length for each axis")
    }
    guard count == elements.count else {
      throw ShapeError(
        place: "Tensor", axis: "elements", expected: "\(count) for the shape \(shape)",
        found: "\(elements.count)", remedy: "give one number for each position")
    }
    self.init(unchecked: shape, elements)
  }

  /// A tensor filled with one number.
  public init(_ shape: Shape, filledWith value: Float) {
    self.init(unchecked: shape, [Float](repeating: value, count: shape.count))
  }

  /// A tensor of zeros.
  public init(zeros shape: Shape) {
    self.init(shape, filledWith: 0)
  }

  /// A tensor whose maker vouches for the count.
  init(unchecked shape: Shape, _ elements: [Float]) {
    precondition(shape.count == elements.count, "\(elements.count) numbers for \(shape)")
    self.shape = shape
    self.elements = elements
  }

  /// A tensor whose numbers are written once, by `fill`, into memory that starts out undefined.
  init(uninitialized shape: Shape, fill: (UnsafeMutablePointer<Float>) -> Void) {
    self.shape = shape
    self.elements = [Float](unsafeUninitializedCapacity: shape.count) { buffer, count in
      if let base = buffer.baseAddress { fill(base) }
      count = shape.count
    }
  }

  /// The number of elements.
  public var count: Int { elements.count }

  /// The element at the given indices, one for each axis.
  public subscript(_ indices: Int...) -> Float {
    get { elements[offset(indices)] }
    set { elements[offset(indices)] = newValue }
  }

  /// The same numbers under another shape of the same count.
  ///
  /// - Throws: ``ShapeError`` when the counts differ.
  public func reshaped(_ shape: Shape) throws(ShapeError) -> Tensor {
    try Tensor(shape, elements: elements)
  }

  /// Whether all elements are numbers, neither infinite nor NaN.
  ///
  /// O(n).
  public var isFinite: Bool {
    // x·0 is 0 for every finite x and NaN for all others, so that one sum tells.
    elements.withUnsafeBufferPointer { buffer in
      var sum = SIMD16<Float>()
      var index = 0
      while index + 16 <= buffer.count {
        let x = UnsafeRawPointer(buffer.baseAddress.unsafelyUnwrapped + index)
          .loadUnaligned(as: SIMD16<Float>.self)
        sum += x * 0
        index += 16
      }
      return sum.sum() == 0 && buffer[index...].allSatisfy(\.isFinite)
    }
  }

  /// Where each sample of a batch lies in `elements`.
  var rows: [Range<Int>] {
    let length = shape.withoutBatch.count
    return (0..<shape[0]).map { $0 * length..<($0 + 1) * length }
  }

  /// The tensor of `function` of each element.
  public func map(_ function: (Float) -> Float) -> Tensor {
    Tensor(unchecked: shape, elements.map(function))
  }

  /// The tensor of `function` of each two elements at the same position.
  ///
  /// The caller vouches that the shapes agree.
  func combined(with other: Tensor, _ function: (Float, Float) -> Float) -> Tensor {
    precondition(shape == other.shape, "\(shape) and \(other.shape) do not go together")
    return Tensor(uninitialized: shape) { result in
      elements.withUnsafeBufferPointer { mine in
        other.elements.withUnsafeBufferPointer { theirs in
          for index in mine.indices { result[index] = function(mine[index], theirs[index]) }
        }
      }
    }
  }

  private func offset(_ indices: [Int]) -> Int {
    precondition(
      indices.count == shape.rank, "a tensor of shape \(shape) takes \(shape.rank) indices")
    var offset = 0
    for (axis, index) in indices.enumerated() {
      precondition(
        index >= 0 && index < shape[axis],
        "index \(index) on axis \(axis) of a tensor of shape \(shape)")
      offset = offset * shape[axis] + index
    }
    return offset
  }
}
