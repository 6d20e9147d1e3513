import LineByLine

/// Page 4: a dense layer, and the convolutional layer that it is a special case of.
struct DenseComparison: Encodable {
  /// b + W ⋅ x.
  let y: [Double]
  /// The output of 1×1 kernels over n channels of 1×1.
  let convolution: [[[Double]]]
  /// Those kernels.
  let kernels: [[[[Double]]]]
  /// The largest difference between the two outputs.
  let difference: Double
  /// Whether they are equal, but for the last digits, which depend on the order of sums.
  let areEqual: Bool
  /// The counter-example.
  let oneMap: OneMap

  /// 1×1 kernels over one map of n numbers, which is no dense layer.
  struct OneMap: Encodable {
    let input, output: [[[Double]]]
    let kernels: [[[[Double]]]]
  }

  init(_ body: JSONField) throws {
    let fields = try body.object(["x", "w", "b"])
    let x = try fields["x"].numbers(Limits.sides)
    let W = try fields["w"].matrix()
    let b = try fields["b"].numbers(Limits.sides)
    guard W.columns == x.count else {
      throw try fields["w"].unexpected(
        "rows of \(counted(x.count, "numbers")), as x has", found: "\(W.columns)",
        remedy: "give a weight for each number of x")
    }
    guard b.count == W.rows else {
      throw try fields["b"].unexpected(
        "\(counted(W.rows, "numbers")), as w has rows", found: "\(b.count)",
        remedy: "give a bias for each row of w")
    }
    let dense = try Dense(weights: W, biases: Matrix(rows: b.count, columns: 1, values: b))
    let layer = try asConvolution(dense)
    let oneMap = try asConvolutionOverOneMap(dense)
    let map = Volume(shape: [1, x.count, 1], values: x)
    let Y = dense.forward(Volume(column: x))
    let Z = layer.forward(Volume(shape: [x.count, 1, 1], values: x))
    y = Y.values
    convolution = Z.nested
    kernels = layer.kernels.nested
    difference = zip(Y.values, Z.values).map { ($0 - $1).magnitude }.reduce(0, Double.maximum)
    let terms = try Dense(
      weights: W.map(\.magnitude),
      biases: Matrix(rows: b.count, columns: 1, values: b.map(\.magnitude)))
    areEqual = Rounding(of: terms.forward(Volume(column: x.map(\.magnitude)))).allows(
      between: Y, Volume(column: Z.values))
    self.oneMap = OneMap(
      input: map.nested, output: oneMap.forward(map).nested, kernels: oneMap.kernels.nested)
  }
}
