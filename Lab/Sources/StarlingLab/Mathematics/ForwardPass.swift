import LineByLine

/// Page 3: the forward pass, product by product.
struct ForwardPass: Encodable {
  /// Y_j = B_j + Σ_i X_i ⋆ K_ji.
  let y: [[[Double]]]
  /// B, a number for each position: what the pass begins with.
  let start: [[[Double]]]
  /// What stands in Y before the first of the steps.
  let before: [[[Double]]]
  /// How many steps the pass has.
  let total: Int
  let from: Int
  let steps: [TraceStep]
  /// X_i ⋆ K_ji, by j and i.
  let partial: [[[[Double]]]]
  let lines: [SourceLine] = [.bias, .forward, .crossCorrelation]

  init(_ body: JSONField) throws {
    let fields = try body.object(["x", "k", "b", "from", "count"])
    let given = try LayerFields(fields)
    let (X, layer) = (given.X, given.layer)
    let trace = layer.traceForward(X)
    let part = try TracePart(fields, of: trace)
    var before = layer.B
    for step in part.earlier {
      before[step.j][step.target.row, step.target.column] = step.sum
    }
    y = layer.forward(X).nested
    start = layer.B.nested
    self.before = before.nested
    total = trace.count
    from = part.earlier.count
    steps = Array(part.steps)
    partial = (0..<layer.depth).map { j in
      (0..<layer.inputDepth).map { i in (X[i] ⋆ layer.kernels[j, i]).nested }
    }
  }
}
