/// The same numbers in another shape: a volume laid out as a column, and back again.
///
/// Nothing is computed, so the backward pass only lays dE/dY out as the input was.
public struct Reshape: Layer, Hashable {
  /// The shape of the input.
  public let inputShape: VolumeShape
  /// The shape of the output.
  public let outputShape: VolumeShape

  /// A layer between two shapes.
  ///
  /// - Parameters:
  ///   - inputShape: The shape of the input.
  ///   - outputShape: The shape of the output; for n numbers in a column it is `[1, n, 1]`.
  /// - Throws: `SizeError` if the two do not hold equally many numbers, or a size is below 1.
  public init(_ inputShape: VolumeShape, _ outputShape: VolumeShape) throws(SizeError) {
    let inputs = try count(inputShape.sizes, of: "an input")
    let outputs = try count(outputShape.sizes, of: "an output")
    guard inputs == outputs else {
      throw SizeError(
        description: "\(inputShape) holds \(inputs) numbers and \(outputShape) holds "
          + "\(outputs); a reshape keeps their number")
    }
    self.inputShape = inputShape
    self.outputShape = outputShape
  }

  /// The input's numbers in the output's shape.
  public func forward(_ X: Volume) -> Volume {
    Volume(shape: outputShape, values: X.values)
  }

  /// The gradient's numbers in the input's shape.
  public func backward(_ dY: Volume, input X: Volume) -> (dX: Volume, gradient: NoGradient) {
    (Volume(shape: inputShape, values: dY.values), NoGradient())
  }
}
