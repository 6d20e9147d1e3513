/// What all layers do: forward, backward, and, apart from both, the update.
///
/// A layer remembers nothing of a pass, so that nobody can see yesterday's input: who calls
/// `backward` hands in the input that `forward` had. The deck keeps it in `self.input` instead.
///
/// `backward` computes and `update` applies. The deck's backward pass ends by changing the weights
/// itself; that is right only because dE/dX stands above it. With the two in the other order the
/// gradient would pass through weights that had no part in the error, and no shape or type would
/// tell. Here nothing changes before all layers have had their gradient.
public protocol Layer: Sendable {
  /// One number for each parameter: dE/dK has the sizes of K.
  associatedtype Gradient: Sendable

  /// Y, the output for the input X.
  func forward(_ X: Volume) -> Volume

  /// From dE/dY, and the input X of the forward pass: dE/dX, and the gradient of the parameters.
  func backward(_ dY: Volume, input X: Volume) -> (dX: Volume, gradient: Gradient)

  /// Gradient descent: each parameter goes a step against its gradient.
  mutating func update(by gradient: Gradient, learningRate: Double)
}

/// The gradient of a layer that has nothing to learn.
public struct NoGradient: Hashable, Sendable {}

extension Layer where Gradient == NoGradient {
  /// Leaves the layer as it is: there is nothing to learn.
  public mutating func update(by gradient: NoGradient, learningRate: Double) {}
}
