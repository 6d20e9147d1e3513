import LineByLine

/// Pages 5 and 6: the backward pass, each gradient beside its finite difference.
struct BackwardPass: Encodable {
  /// The output, with biases of zero.
  let y: [[[Double]]]
  /// E = Σ dE/dY ⊙ Y, whose gradient with respect to Y is what was given.
  let error: Double
  let dK: [[[[Double]]]]
  let dB: [[[Double]]]
  let dX: [[[Double]]]
  /// dE/dX by scattering, which needs no rotation.
  let scattering: [[[Double]]]
  /// dE/dX by gathering with the rotated kernel; right also where `dX` is planted wrong.
  let gathering: [[[Double]]]
  /// In how many windows each position of X lies, and so how many terms its gradient has for each kernel.
  let windows: [[Double]]
  /// Whether the two are equal, but for the last digits, which depend on the order of sums.
  let areEqual: Bool
  /// The weight of the kernels that window and terms are of.
  let at: Weight
  /// What the weight meets: as many numbers of X_i as dE/dY_j has.
  let window: Window
  /// The chain rule for the weight.
  let terms: [Term]
  let checks: [AnyCheck]
  let lines = Lines()

  /// A weight: K_ji, row and column.
  struct Weight: Encodable {
    let j, i, row, column: Int
  }

  /// A part of a matrix.
  struct Window: Encodable {
    let row, column, rows, columns: Int
  }

  /// What Y_rc contributes to dE/dK_uv.
  struct Term: Encodable {
    let y: Position
    let dY: Double
    let x: Position
    let xValue: Double
    let product, sum: Double
  }

  /// The lines of the source that do it.
  struct Lines: Encodable {
    let dK: [SourceLine] = [.kernelGradient, .crossCorrelation]
    let dB: [SourceLine] = [.biasGradient]
    let dX: [SourceLine] = [.inputGradient, .convolution, .crossCorrelation]
  }

  /// A mistake that people make, planted in the gradients that are answered.
  enum Mistake: String, CaseIterable {
    case none
    /// dE/dY ⋆ X for X ⋆ dE/dY: dE/dK comes out turned by 180°.
    case reversed
    /// The kernel is not rotated for dE/dX.
    case notRotated
  }

  init(_ body: JSONField) throws {
    let fields = try body.object(["x", "k", "dY", "bias", "at", "mistake"])
    let bias = try fields.optional("bias")?.choice(of: Bias.self) ?? .perPosition
    let mistake = try fields.optional("mistake")?.choice(of: Mistake.self) ?? Mistake.none
    let given = try LayerFields(fields, bias: bias)
    let (X, layer) = (given.X, given.layer)
    let dY = try given.outputGradient(fields)
    let weight = try Self.weight(fields.optional("at"), of: layer.kernels)

    let gradients = Self.gradients(of: layer, dY, X, mistake)
    let scattered = Self.sumOverOutputs(of: layer) { j, i in
      inputGradientByScattering(dY[j], layer.kernels[j, i])
    }
    let gathered = Self.sumOverOutputs(of: layer) { j, i in
      inputGradientByGathering(dY[j], layer.kernels[j, i])
    }
    y = layer.forward(X).nested
    error = Self.error(layer.forward(X), dY)
    dK = gradients.dK.nested
    dB = gradients.dB.nested
    dX = gradients.dX.nested
    scattering = scattered.nested
    gathering = gathered.nested
    windows = Self.windows(of: layer).nested
    let magnitudes = Self.sumOverOutputs(of: layer) { j, i in
      inputGradientByScattering(dY[j].map(\.magnitude), layer.kernels[j, i].map(\.magnitude))
    }
    areEqual = Rounding(of: magnitudes).allows(between: scattered, gathered)
    at = weight
    window = Window(
      row: weight.row, column: weight.column, rows: dY.shape.height, columns: dY.shape.width)
    terms = try Self.terms(weight, X: X[weight.i], dY: dY[weight.j])
    checks = Self.checks(of: gradients, layer, dY, X)
  }

  private static func weight(_ field: JSONField?, of K: Kernels) throws -> Weight {
    guard let field else { return Weight(j: 0, i: 0, row: 0, column: 0) }
    let fields = try field.object(["j", "i", "row", "column"])
    return Weight(
      j: try fields["j"].integer(in: 0...K.depth - 1),
      i: try fields["i"].integer(in: 0...K.inputDepth - 1),
      row: try fields["row"].integer(in: 0...K.rows - 1),
      column: try fields["column"].integer(in: 0...K.columns - 1))
  }

  private static func terms(_ weight: Weight, X: Matrix, dY: Matrix) throws -> [Term] {
    let derivation = try KernelGradientDerivation(X: X, dY: dY)
    let element = derivation.elements.first { $0.u == weight.row && $0.v == weight.column }
    var sum = 0.0
    return (element?.terms ?? []).map { term in
      sum += term.product
      return Term(
        y: Position(row: term.r, column: term.c), dY: term.dE_dY,
        x: Position(row: term.r + weight.row, column: term.c + weight.column),
        xValue: term.dY_dK, product: term.product, sum: sum)
    }
  }

  /// E = Σ dE/dY ⊙ Y.
  private static func error(_ Y: Volume, _ dY: Volume) -> Double {
    (dY ⊙ Y).values.reduce(0, +)
  }
}

// MARK: - Gradients

extension BackwardPass {
  private struct Gradients {
    var dK: Kernels
    var dB: Volume
    var dX: Volume
  }

  private static func gradients(
    of layer: ConvolutionalLayer, _ dY: Volume, _ X: Volume, _ mistake: Mistake
  ) -> Gradients {
    let (dX, gradient) = layer.backward(dY, input: X)
    var gradients = Gradients(dK: gradient.dK, dB: gradient.dB, dX: dX)
    switch mistake {
    case .none:
      break
    case .reversed:
      for j in 0..<layer.depth {
        for i in 0..<layer.inputDepth {
          gradients.dK[j, i] = gradients.dK[j, i].rotated180
        }
      }
    case .notRotated:
      gradients.dX = sumOverOutputs(of: layer) { j, i in
        crossCorrelate(dY[j], layer.kernels[j, i], mode: .full)
      }
    }
    return gradients
  }

  /// A volume of the input's shape: for each channel i the sum of something over the outputs j.
  private static func sumOverOutputs(
    of layer: ConvolutionalLayer, _ part: (_ j: Int, _ i: Int) -> Matrix
  ) -> Volume {
    var sum = Volume(shape: layer.inputShape)
    for j in 0..<layer.depth {
      for i in 0..<layer.inputDepth {
        sum[i] += part(j, i)
      }
    }
    return sum
  }
}

extension BackwardPass {
  /// Ones scattered by a kernel of ones: each position of X counts the windows that it lies in.
  private static func windows(of layer: ConvolutionalLayer) -> Matrix {
    let (output, K) = (layer.outputShape, layer.kernels)
    return inputGradientByScattering(
      Matrix(rows: output.height, columns: output.width, repeating: 1),
      Matrix(rows: K.rows, columns: K.columns, repeating: 1))
  }
}

// MARK: - Checks

extension BackwardPass {
  /// A check of whatever form.
  struct AnyCheck: Encodable {
    private let write: (any Encoder) throws -> Void

    init(_ check: some Encodable) {
      write = { encoder in try check.encode(to: encoder) }
    }

    func encode(to encoder: any Encoder) throws { try write(encoder) }
  }

  private static func checks(
    of gradients: Gradients, _ layer: ConvolutionalLayer, _ dY: Volume, _ X: Volume
  ) -> [AnyCheck] {
    let scale = Scale(layer, dY, X)
    let K = layer.kernels
    let onK = Measurement(
      of: gradients.dK.asVolume, at: K.asVolume,
      h: scale.step(moving: K.asVolume, times: X), magnitude: scale.error
    ) { numbers in
      var moved = layer
      moved.kernels = Kernels(numbers, like: K)
      return error(moved.forward(X), dY)
    }
    let onB = Measurement(
      of: gradients.dB, at: layer.biases,
      h: scale.step(moving: layer.biases, times: Volume(shape: [1, 1, 1], repeating: 1)),
      magnitude: scale.error
    ) { numbers in
      var moved = layer
      moved.biases = numbers
      return error(moved.forward(X), dY)
    }
    let onX = Measurement(
      of: gradients.dX, at: X, h: scale.step(moving: X, times: K.asVolume),
      magnitude: scale.error
    ) { numbers in
      error(layer.forward(numbers), dY)
    }
    return [
      AnyCheck(onK.check("dK") { Kernels($0, like: K).nested }),
      AnyCheck(onB.check("dB", as: \.nested)),
      AnyCheck(onX.check("dX", as: \.nested)),
    ]
  }

  /// How large the numbers are that finite differences have to do with.
  private struct Scale {
    /// Σ |dE/dY| ⊙ |Y|, where |Y| adds up the magnitudes of all products.
    let error: Double
    /// The largest of these |Y|.
    private let output: Double

    init(_ layer: ConvolutionalLayer, _ dY: Volume, _ X: Volume) {
      var magnitudes = layer
      magnitudes.kernels = Kernels(
        layer.kernels.asVolume.map(\.magnitude), like: layer.kernels)
      let Y = magnitudes.forward(X.map(\.magnitude))
      error = BackwardPass.error(Y, dY.map(\.magnitude))
      output = Y.largest
    }

    /// h: 10⁻⁵, or as much more as moves an output by a millionth of itself.
    ///
    /// E is linear in kernels, biases and input, each for itself: a larger h is as exact as a small
    /// one, and does not drown in the rounding of large numbers.
    func step(moving numbers: Volume, times factor: Volume) -> Double {
      let fraction = 1e-6
      let byOutput = factor.largest > 0 ? fraction * output / factor.largest : 0
      return max(Measurement.usualStep, fraction * numbers.largest, byOutput)
    }
  }
}

extension Volume {
  /// The largest magnitude.
  fileprivate var largest: Double { values.map(\.magnitude).reduce(0, Double.maximum) }
}

extension Kernels {
  /// All channels of all kernels, one behind the other.
  fileprivate var asVolume: Volume { Volume(matrices) }

  /// The reverse: such a volume as kernels of the sizes of others.
  fileprivate init(_ volume: Volume, like other: Kernels) {
    self.init(
      (0..<other.depth).map { j in
        (0..<other.inputDepth).map { i in volume[j * other.inputDepth + i] }
      })
  }
}
