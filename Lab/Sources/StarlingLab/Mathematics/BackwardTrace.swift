import LineByLine

/// Pages 5 and 6: a gradient, product by product.
struct BackwardTrace: Encodable {
  /// What stands at the targets before the first of the steps.
  let before: Numbers
  /// What stands there in the end.
  let result: Numbers
  /// How many steps the pass has.
  let total: Int
  let from: Int
  let steps: [TraceStep]
  let lines: [SourceLine]

  /// A volume, or kernels.
  enum Numbers: Encodable {
    case volume(Volume)
    case kernels(Kernels)

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .volume(let volume): try container.encode(volume.nested)
      case .kernels(let kernels): try container.encode(kernels.nested)
      }
    }

    /// Puts what a step has summed up in its place.
    fileprivate mutating func apply(_ step: TraceStep) {
      let (row, column) = (step.target.row, step.target.column)
      switch self {
      case .volume(var volume):
        volume[step.i][row, column] = step.sum
        self = .volume(volume)
      case .kernels(var kernels):
        kernels[step.j, step.i][row, column] = step.sum
        self = .kernels(kernels)
      }
    }
  }

  /// The passes that have a gradient as their result.
  enum Pass: String, CaseIterable {
    case kernelGradient, inputGradientByGathering, inputGradientByScattering
  }

  init(_ body: JSONField) throws {
    let fields = try body.object(["x", "k", "dY", "pass", "from", "count"])
    let pass = try fields["pass"].choice(of: Pass.self)
    let given = try LayerFields(fields, bias: .perPosition)
    let (X, layer) = (given.X, given.layer)
    let dY = try given.outputGradient(fields)

    let trace: [TraceStep]
    var numbers: Numbers
    switch pass {
    case .kernelGradient:
      trace = layer.traceKernelGradient(dY, input: X)
      numbers = .kernels(layer.kernels.zeros)
    case .inputGradientByGathering:
      trace = layer.traceInputGradientByGathering(dY)
      numbers = .volume(Volume(shape: X.shape))
    case .inputGradientByScattering:
      trace = layer.traceInputGradientByScattering(dY)
      numbers = .volume(Volume(shape: X.shape))
    }
    let part = try TracePart(fields, of: trace)
    for step in part.earlier { numbers.apply(step) }
    before = numbers
    for step in trace[part.earlier.endIndex...] { numbers.apply(step) }
    result = numbers
    total = trace.count
    from = part.earlier.count
    steps = Array(part.steps)
    // All steps of a pass name the same lines.
    lines = trace.first?.lines ?? []
  }
}
