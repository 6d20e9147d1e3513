/// A dense layer is a convolutional layer whose n inputs are n channels of 1×1.
///
/// The formula needs nothing more than that every matrix in it is 1×1: then ⋆ is a product of two
/// numbers, and
///
///     Y_j = B_j + Σ_i X_i ⋆ K_ji      becomes      y_j = b_j + Σ_i w_ji x_i
///
/// The deck says "kernel size 1×1 on flattened inputs". That is true of n channels and not of one map
/// of n pixels, which is what flattening makes one think of: see `asConvolutionOverOneMap(_:)`.
///
/// - Parameter dense: The dense layer.
/// - Returns: A layer of the same numbers, for an input of n×1×1.
/// - Throws: `SizeError`, but only for a dense layer that has been given biases of another size.
public func asConvolution(_ dense: Dense) throws(SizeError) -> ConvolutionalLayer {
  let (outputs, inputs) = (dense.weights.rows, dense.weights.columns)
  let K = Kernels(
    (0..<outputs).map { j in
      (0..<inputs).map { i in [[dense.weights[j, i]]] }
    })
  let B = Volume((0..<outputs).map { j in [[dense.biases[j, 0]]] })
  return try ConvolutionalLayer(inputShape: [inputs, 1, 1], kernels: K, biases: B)
}

/// The counter-example: 1×1 kernels over one map of n pixels, which is no dense layer.
///
/// A 1×1 kernel has one weight for a channel, and one map is one channel. So it weighs all n pixels
/// alike and sums none of them: each output is a map of n pixels, not a number.
///
/// - Parameter dense: The dense layer, of whose weights only the first column finds a place.
/// - Returns: A layer for an input of 1×n×1.
/// - Throws: `SizeError`, but only for a dense layer that has been given biases of another size.
public func asConvolutionOverOneMap(_ dense: Dense) throws(SizeError) -> ConvolutionalLayer {
  let outputs = dense.weights.rows
  let K = Kernels((0..<outputs).map { j in [[[dense.weights[j, 0]]]] })
  let B = Volume((0..<outputs).map { j in [[dense.biases[j, 0]]] })
  return try ConvolutionalLayer(inputShape: [1, dense.weights.columns, 1], kernels: K, biases: B)
}
