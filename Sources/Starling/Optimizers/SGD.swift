/// Stochastic gradient descent: a step down the slope.
///
///     θ ← θ − η·dE/dθ
public struct SGD: Optimizer {
  /// η, the length of the step for a slope of 1.
  public var learningRate: Float

  /// Gradient descent with the given learning rate.
  public init(learningRate: Float) {
    self.learningRate = learningRate
  }

  /// θ ← θ − η·dE/dθ.
  public mutating func update(_ parameter: inout Tensor, with gradient: Tensor, at position: Int) {
    precondition(
      parameter.shape == gradient.shape,
      "a gradient of \(gradient.shape) for a parameter of \(parameter.shape)")
    let count = parameter.count
    let step = -learningRate
    parameter.withMutableElements { parameter in
      gradient.withElements { VectorLoops.addScaled(step, $0, to: parameter, count) }
    }
  }

  /// That the learning rate is a positive number.
  public func check() throws(TrainingError) {
    guard learningRate > 0, learningRate.isFinite else {
      throw .setting(
        "learning rate", expected: "a positive number", found: "\(learningRate)",
        remedy: "0.1 is the deck's")
    }
  }
}
