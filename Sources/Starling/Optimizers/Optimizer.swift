/// How parameters follow their gradients.
///
/// It is the only one that changes them, and it does so when a whole backward pass is over.
public protocol Optimizer: Codable, Hashable, Sendable {
  /// Changes one tensor of parameters by its gradient.
  ///
  /// - Parameters:
  ///   - parameter: The tensor to change.
  ///   - gradient: dE/dparameter, in the same shape.
  ///   - position: Which of the network's tensors this is, counted from 0 and the same at every step,
  ///     for an optimizer that remembers something of each.
  mutating func update(_ parameter: inout Tensor, with gradient: Tensor, at position: Int)

  /// That all settings make sense.
  ///
  /// - Throws: ``TrainingError`` naming a setting that does not.
  func check() throws(TrainingError)
}
