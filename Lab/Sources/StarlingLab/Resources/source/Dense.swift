/// The dense layer: y = b + W ⋅ x, each output a sum over all inputs.
///
/// Backward, from dE/dy:
///
/// - dE/dW = dE/dy ⋅ xᵀ
/// - dE/db = dE/dy
/// - dE/dx = Wᵀ ⋅ dE/dy
///
/// Input and output are columns: volumes of one matrix of n rows and one column.
public struct Dense: Layer, Hashable {
  /// W: a row for each output, a column for each input.
  public var weights: Matrix
  /// b: a column with a number for each output.
  public var biases: Matrix

  /// A layer with the given weights and biases.
  ///
  /// - Parameters:
  ///   - weights: A row for each output, a column for each input.
  ///   - biases: A column with a number for each output.
  /// - Throws: `SizeError` if the two do not go together.
  public init(weights: Matrix, biases: Matrix) throws(SizeError) {
    guard biases.columns == 1, biases.rows == weights.rows else {
      throw SizeError(
        description: "biases of \(biases.rows)×\(biases.columns) do not go with weights of "
          + "\(weights.rows)×\(weights.columns); give a column of \(weights.rows)")
    }
    self.weights = weights
    self.biases = biases
  }

  /// y = b + W ⋅ x.
  public func forward(_ X: Volume) -> Volume {
    let (W, b, x) = (weights, biases, column(X))
    return Volume([b + W ⋅ x])
  }

  /// From dE/dy: dE/dx, and the gradient of weights and biases.
  public func backward(_ dY: Volume, input X: Volume) -> (dX: Volume, gradient: Gradient) {
    let (W, x, dy) = (weights, column(X), dY[0])
    let dW = dy ⋅ x.transposed
    let db = dy
    let dx = W.transposed ⋅ dy  // transposed: a row of Wᵀ holds the weights that an input goes to
    return (Volume([dx]), Gradient(dW: dW, db: db))
  }

  /// Gradient descent, once the gradient has passed through all layers.
  public mutating func update(by gradient: Gradient, learningRate: Double) {
    weights -= learningRate * gradient.dW
    biases -= learningRate * gradient.db
  }

  /// The gradient of the error with respect to weights and biases.
  public struct Gradient: Hashable, Sendable {
    /// dE/dW, with the sizes of W.
    public var dW: Matrix
    /// dE/db, with the sizes of b.
    public var db: Matrix
  }
}

extension Dense {
  /// A layer of the given sizes, its weights drawn from a generator.
  ///
  /// First the weights are drawn, output after output, then the biases.
  ///
  /// - Parameters:
  ///   - inputs: The number of inputs.
  ///   - outputs: The number of outputs.
  ///   - random: The generator that the layers of a network share.
  /// - Throws: `SizeError` if a size is below 1, or there would be more numbers than a machine can
  ///   hold.
  public init(_ inputs: Int, _ outputs: Int, using random: inout SplitMix64) throws(SizeError) {
    guard inputs > 0, outputs > 0 else {
      throw SizeError(
        description: "a dense layer has at least one input and one output, "
          + "not \(inputs) and \(outputs)")
    }
    let count = try count([outputs, inputs], of: "a weight matrix")
    weights = Matrix(
      rows: outputs, columns: inputs, values: random.weights(count, summing: inputs))
    biases = Matrix(rows: outputs, columns: 1, values: random.weights(outputs, summing: inputs))
  }

  /// A layer of the given sizes, its weights drawn from the generator of a seed.
  ///
  /// - Parameters:
  ///   - inputs: The number of inputs.
  ///   - outputs: The number of outputs.
  ///   - seed: The same seed gives the same weights.
  /// - Throws: `SizeError` if a size is below 1, or there would be more numbers than a machine can
  ///   hold.
  public init(_ inputs: Int, _ outputs: Int, seed: UInt64 = 1) throws(SizeError) {
    var random = SplitMix64(seed: seed)
    try self.init(inputs, outputs, using: &random)
  }

  private func column(_ X: Volume) -> Matrix {
    precondition(
      X.shape == [1, weights.columns, 1],
      "the layer takes a column of \(weights.columns), not \(X.shape): reshape it first")
    return X[0]
  }
}
