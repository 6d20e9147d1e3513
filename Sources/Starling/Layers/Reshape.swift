/// Gives the same numbers another shape, and their gradients the old one.
public struct Reshape: Recipe {
  /// The shape that comes out.
  public var shape: Shape

  /// A layer that gives its input the shape `shape`, which must have the same count.
  public init(_ shape: Shape) {
    self.shape = shape
  }

  /// The chosen shape.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    guard shape.isUsable, shape.count == input.count else {
      throw ShapeError(
        place: name, axis: "count", expected: "\(input.count), as in the input \(input)",
        found: shape.isUsable ? "\(shape.count) in \(shape)" : "\(shape)",
        remedy: "write Flatten() and let the network count")
    }
    return shape
  }

  /// The layer for an input that ``outputShape(for:)`` accepts.
  public func layer(for input: Shape, parameters: Parameters) -> any Layer {
    ReshapeLayer(recipe: self, inputShape: input, outputShape: shape)
  }
}

/// Puts all numbers of a sample in one row, and their gradients back where they came from.
public struct Flatten: Recipe {
  /// The layer that flattens; the network counts.
  public init() {}

  /// One axis, as long as the input has numbers.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape { [input.count] }

  /// The layer for an input of any shape.
  public func layer(for input: Shape, parameters: Parameters) -> any Layer {
    ReshapeLayer(recipe: self, inputShape: input, outputShape: [input.count])
  }
}

/// ``Reshape`` or ``Flatten``, for one input shape.
struct ReshapeLayer: Layer {
  let recipe: any Recipe
  let inputShape: Shape
  let outputShape: Shape

  /// The same numbers in the output's shape.
  func forward(_ x: Tensor, _ pass: Pass) -> (y: Tensor, cache: Int) {
    let batchSize = x.shape[0]
    return (Tensor(unchecked: outputShape.batched(batchSize), x.elements), batchSize)
  }

  /// The same gradients in the input's shape.
  func backward(
    _ dY: Tensor, _ batchSize: Int, accumulatingInto gradient: inout Parameters, _ pass: Pass
  ) -> Tensor {
    Tensor(unchecked: inputShape.batched(batchSize), dY.elements)
  }
}
