// The passes of the convolutional layer once more, product by product, for those who want to watch.
// The layer itself knows nothing of it. The tests hold the sums seen here to the layer's, bit for bit,
// and the lines named here to the source.

extension ConvolutionalLayer {
  /// The forward pass: for each output and input channel, each window and each product in it.
  public func traceForward(_ X: Volume) -> [TraceStep] {
    var Y = B
    var steps: [TraceStep] = []
    for j in 0..<depth {
      for i in 0..<inputDepth {
        let trace = TraceOfCrossCorrelation(
          pass: .forward, lines: [.forward, .crossCorrelation], j: j, i: i, start: Y[j])
        steps += trace.steps(Operand(X[i]), Operand(kernels[j, i]))
        Y[j] += X[i] ⋆ kernels[j, i]
      }
    }
    return steps
  }

  /// The gradient of the kernels: for each of their elements, each term of the chain rule.
  public func traceKernelGradient(_ dY: Volume, input X: Volume) -> [TraceStep] {
    var steps: [TraceStep] = []
    for j in 0..<depth {
      for i in 0..<inputDepth {
        let trace = TraceOfCrossCorrelation(
          pass: .kernelGradient, lines: [.kernelGradient, .crossCorrelation], j: j, i: i,
          start: kernels.zeros[j, i])
        steps += trace.steps(Operand(X[i]), Operand(dY[j]))
      }
    }
    return steps
  }

  /// The gradient of the input by gathering: for each entry of X, what comes back to it.
  ///
  /// Products with the zeros around dE/dY are among the steps, as they are in the layer.
  public func traceInputGradientByGathering(_ dY: Volume) -> [TraceStep] {
    var dX = Volume(shape: inputShape)
    var steps: [TraceStep] = []
    for j in 0..<depth {
      for i in 0..<inputDepth {
        let trace = TraceOfCrossCorrelation(
          pass: .inputGradientByGathering,
          lines: [.inputGradient, .convolution, .crossCorrelation], j: j, i: i, start: dX[i])
        steps += trace.steps(
          Operand(dY[j], paddedFor: kernels[j, i]), Operand(rotated: kernels[j, i]))
        dX[i] += dY[j] ∗ kernels[j, i]
      }
    }
    return steps
  }

  /// The gradient of the input by scattering: for each entry of dE/dY, what it sends to its window.
  public func traceInputGradientByScattering(_ dY: Volume) -> [TraceStep] {
    var dX = Volume(shape: inputShape)
    var steps: [TraceStep] = []
    for j in 0..<depth {
      for i in 0..<inputDepth {
        for r in 0..<dY.shape.height {
          for c in 0..<dY.shape.width {
            for u in 0..<kernels.rows {
              for v in 0..<kernels.columns {
                let (left, right) = (Operand(dY[j]), Operand(kernels[j, i]))
                dX[i][r + u, c + v] += left.matrix[r, c] * right.matrix[u, v]
                steps.append(
                  TraceStep(
                    pass: .inputGradientByScattering, lines: [.inputGradient, .scattering],
                    j: j, i: i, window: .init(row: r, column: c), left: left.factor(r, c),
                    right: right.factor(u, v), product: left.matrix[r, c] * right.matrix[u, v],
                    target: .init(row: r + u, column: c + v), sum: dX[i][r + u, c + v]))
              }
            }
          }
        }
      }
    }
    return steps
  }
}

/// A matrix as ⋆ sees it, perhaps padded or rotated, that knows where its numbers stood before.
private struct Operand {
  let matrix: Matrix
  private let position: @Sendable (Int, Int) -> TraceStep.Position
  private let isInside: @Sendable (TraceStep.Position) -> Bool

  init(_ matrix: Matrix, paddedFor K: Matrix = [[1]]) {
    self.matrix = matrix.padded(for: K)
    position = { r, c in .init(row: r - (K.rows - 1), column: c - (K.columns - 1)) }
    isInside = { (0..<matrix.rows ~= $0.row) && (0..<matrix.columns ~= $0.column) }
  }

  init(rotated matrix: Matrix) {
    self.matrix = matrix.rotated180
    position = { r, c in .init(row: matrix.rows - 1 - r, column: matrix.columns - 1 - c) }
    isInside = { _ in true }
  }

  func factor(_ r: Int, _ c: Int) -> TraceStep.Factor {
    let place = position(r, c)
    return TraceStep.Factor(position: place, value: matrix[r, c], isPadding: !isInside(place))
  }
}

/// The loops of ⋆ with a record of each turn.
private struct TraceOfCrossCorrelation {
  let pass: TraceStep.Pass
  let lines: [SourceLine]
  let j: Int
  let i: Int
  /// What stands at the targets before: the bias, or what other channels have added.
  let start: Matrix

  func steps(_ X: Operand, _ K: Operand) -> [TraceStep] {
    var Y = Matrix(rows: start.rows, columns: start.columns)
    var steps: [TraceStep] = []
    for r in 0..<Y.rows {
      for c in 0..<Y.columns {
        for u in 0..<K.matrix.rows {
          for v in 0..<K.matrix.columns {
            Y[r, c] += X.matrix[r + u, c + v] * K.matrix[u, v]
            steps.append(
              TraceStep(
                pass: pass, lines: lines, j: j, i: i, window: X.factor(r, c).position,
                left: X.factor(r + u, c + v), right: K.factor(u, v),
                product: X.matrix[r + u, c + v] * K.matrix[u, v],
                target: .init(row: r, column: c), sum: start[r, c] + Y[r, c]))
          }
        }
      }
    }
    return steps
  }
}
