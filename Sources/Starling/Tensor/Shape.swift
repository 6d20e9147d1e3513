/// The lengths of a tensor's axes, outermost first: `[depth, height, width]` for an image,
/// `[batch, depth, height, width]` for a batch of them.
///
///     let image: Shape = [1, 28, 28]
///     image.count        // 784
///     "\(image)"         // "1×28×28"
public struct Shape: Hashable, Sendable {
  /// The length of each axis.
  public let dimensions: [Int]

  /// A shape with the given axis lengths.
  public init(_ dimensions: [Int]) {
    self.dimensions = dimensions
  }

  /// The number of axes.
  public var rank: Int { dimensions.count }

  /// What ``isUsable`` asks for, in words.
  static let usable = "axes of 1 or more and at most 2³¹ elements in all"

  /// The number of elements: the product of all axis lengths, 1 for a shape without axes.
  public var count: Int { dimensions.reduce(1, *) }

  /// ``count``, or `nil` where an axis is negative or the product more than an `Int` holds.
  var exactCount: Int? {
    var product = 1
    for length in dimensions {
      let (next, overflow) = product.multipliedReportingOverflow(by: length)
      if length < 0 || overflow { return nil }
      product = next
    }
    return product
  }

  /// The length of one axis.
  public subscript(axis: Int) -> Int { dimensions[axis] }

  /// This shape behind one more axis, for a batch of tensors of this shape.
  public func batched(_ batchSize: Int) -> Shape { Shape([batchSize] + dimensions) }

  /// This shape without its first axis: what one element of a batch looks like.
  public var withoutBatch: Shape { Shape(Array(dimensions.dropFirst())) }

  /// Whether a tensor can have this shape: no axis is empty, and there are at most 2³¹ elements.
  public var isUsable: Bool {
    guard let count = exactCount else { return false }
    return count >= 1 && count <= 1 << 31
  }
}

extension Shape: ExpressibleByArrayLiteral {
  /// A shape written as a list of axis lengths.
  public init(arrayLiteral elements: Int...) {
    self.init(elements)
  }
}

extension Shape: CustomStringConvertible {
  /// The axis lengths joined by a multiplication sign: `5×26×26`.
  public var description: String {
    dimensions.isEmpty ? "scalar" : dimensions.map(String.init).joined(separator: "×")
  }
}

extension Shape: Codable {
  /// Reads a plain list of axis lengths.
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode([Int].self))
  }

  /// Writes a plain list of axis lengths.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(dimensions)
  }
}
