import LineByLine

/// A layer and its input, as several requests give them: fields `x`, `k` and a bias.
struct LayerFields {
  let X: Volume
  let layer: ConvolutionalLayer

  /// A layer whose biases are given in field `b`, or are zero.
  init(_ fields: JSONObject) throws {
    try self.init(fields) { output in
      guard let field = fields.optional("b") else { return Volume(shape: output) }
      let B = try field.volume()
      let perChannel: VolumeShape = [output.depth, 1, 1]
      guard B.shape == output || B.shape == perChannel else {
        throw field.unexpected(
          "\(output), a number for each position, or \(perChannel), one for each channel",
          found: "\(B.shape)", remedy: "give one of the two shapes")
      }
      return B
    }
  }

  /// A layer whose biases are zero, and tied or not.
  init(_ fields: JSONObject, bias: Bias) throws {
    try self.init(fields) { output in
      Volume(shape: bias == .perPosition ? output : [output.depth, 1, 1])
    }
  }

  private init(_ fields: JSONObject, biases: (VolumeShape) throws -> Volume) throws {
    let X = try fields["x"].volume()
    let field = try fields["k"]
    let K = try field.kernels()
    guard K.inputDepth == X.shape.depth else {
      throw field.unexpected(
        "kernels of \(counted(X.shape.depth, "channels")), as x has", found: "\(K.inputDepth)",
        remedy: "give each kernel a channel for each channel of x")
    }
    try checkFit(of: K[0, 0], on: X[0], field: field)
    let output: VolumeShape = [
      K.depth, X.shape.height - K.rows + 1, X.shape.width - K.columns + 1,
    ]
    self.X = X
    layer = try ConvolutionalLayer(
      inputShape: X.shape, kernels: K, biases: try biases(output))
  }

  /// dE/dY, in field `dY`: a number for each one of the output.
  func outputGradient(_ fields: JSONObject) throws -> Volume {
    let field = try fields["dY"]
    let dY = try field.volume()
    guard dY.shape == layer.outputShape else {
      throw field.unexpected(
        "\(layer.outputShape), the shape of the output", found: "\(dY.shape)",
        remedy: "give a number for each one of the output")
    }
    return dY
  }
}

/// Which part of a trace an answer holds: fields `from` and `count`.
struct TracePart {
  /// The steps of the part.
  let steps: ArraySlice<TraceStep>
  /// The steps before it.
  let earlier: ArraySlice<TraceStep>

  init(_ fields: JSONObject, of trace: [TraceStep]) throws {
    let from = try fields.optional("from")?.integer(in: 0...trace.count) ?? 0
    let count = try fields.optional("count")?.integer(in: Limits.steps) ?? Limits.usualSteps
    earlier = trace[..<from]
    steps = trace[from...].prefix(count)
  }
}
