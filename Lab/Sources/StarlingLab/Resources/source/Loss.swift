/// A measure of how far a prediction is from the target: the error E.
public protocol Loss: Sendable {
  /// E, one number for all outputs of one image.
  func error(target y: Volume, prediction ŷ: Volume) -> Double

  /// dE/dŷ, with which the backward pass begins.
  func gradient(target y: Volume, prediction ŷ: Volume) -> Volume
}

extension Volume {
  /// The function's values for the numbers of two volumes of one shape, pair by pair.
  func zipped(with other: Volume, _ function: (Double, Double) -> Double) -> Volume {
    precondition(shape == other.shape, "\(shape) and \(other.shape): the sizes have to agree")
    return Volume(shape: shape, values: zip(values, other.values).map { function($0, $1) })
  }
}
