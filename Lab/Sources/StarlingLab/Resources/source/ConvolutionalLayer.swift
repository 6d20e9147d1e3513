/// The convolutional layer: Y_j = B_j + Σ_i X_i ⋆ K_ji.
///
/// - Y_j: the j-th output feature map.
/// - B_j: the bias of the j-th kernel.
/// - X_i: the i-th channel of the input.
/// - K_ji: the i-th channel of the j-th kernel.
///
/// Backward, from dE/dY:
///
/// - dE/dK_ji = X_i ⋆ dE/dY_j
/// - dE/dB_j = dE/dY_j
/// - dE/dX_i = Σ_j dE/dY_j ∗ K_ji
///
/// The letters are the formula's throughout: j is the output, i the input. The deck's code says
/// that it mirrors them but has them exchanged, as has its formula for dE/dX.
public struct ConvolutionalLayer: Layer, Hashable {
  /// The shape of the input.
  public let inputShape: VolumeShape
  /// Whether each output position has a bias of its own, or each output map one number.
  public let bias: Bias
  /// K: a matrix for each output j and input channel i.
  public var kernels: Kernels
  /// B: a volume of the output's shape, or of the shape depth×1×1 if there is one number a map.
  public var biases: Volume

  /// Y_j = B_j + Σ_i X_i ⋆ K_ji.
  public func forward(_ X: Volume) -> Volume {
    precondition(X.shape == inputShape, "the layer takes \(inputShape), not \(X.shape)")
    let K = kernels
    var Y = B  // 1. starts with the bias
    for j in 0..<depth {  // 2. the loops are the sum's letters: j output, i input
      for i in 0..<inputDepth {
        Y[j] += X[i] ⋆ K[j, i]  // 3. cross-correlation, 4. valid
      }
    }
    return Y  // once: the deck says it twice
  }

  /// From dE/dY: dE/dX, and the gradient of kernels and biases.
  public func backward(_ dY: Volume, input X: Volume) -> (dX: Volume, gradient: Gradient) {
    precondition(dY.shape == outputShape, "dE/dY has the shape \(outputShape), not \(dY.shape)")
    let K = kernels
    var dK = kernels.zeros
    var dX = Volume(shape: inputShape)
    for j in 0..<depth {
      for i in 0..<inputDepth {
        dK[j, i] = X[i] ⋆ dY[j]  // 1. the order matters: dY ⋆ X would be turned by 180°
        dX[i] += dY[j] ∗ K[j, i]  // 2. full, and summed over the outputs j
      }
    }
    // dE/dB = dE/dY holds for a bias of its own for each position. A number that is added at all
    // positions of a map has a part in all of them: its gradient is their sum.
    let dB = bias == .perPosition ? dY : dY.sums
    return (dX, Gradient(dK: dK, dB: dB))
  }

  /// 3. Gradient descent, once the gradient has passed through all layers.
  public mutating func update(by gradient: Gradient, learningRate: Double) {
    kernels -= learningRate * gradient.dK
    biases -= learningRate * gradient.dB
  }

  /// The gradient of the error with respect to kernels and biases.
  public struct Gradient: Hashable, Sendable {
    /// dE/dK, with the sizes of K.
    public var dK: Kernels
    /// dE/dB, with the sizes of B.
    public var dB: Volume
  }
}

/// How many biases a convolutional layer has.
public enum Bias: String, CaseIterable, Codable, Sendable {
  /// One for each output position, as in the deck, where B_j is a matrix: 5×26×26 = 3,380 numbers
  /// in its network.
  case perPosition
  /// One for each output map, as in most libraries: 5 numbers in the same network.
  case perChannel
}
