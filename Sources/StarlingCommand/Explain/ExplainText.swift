import LineByLine

/// What `starling explain` prints: the passes of the layer, in numbers.
package struct Explanation {
  private let input: ExplainInput
  private let X: Volume
  private let dY: Volume
  /// The layer with the bias as it was given.
  private let layer: ConvolutionalLayer
  /// The same with one bias for each position, and with one bias for all.
  private let untied: ConvolutionalLayer
  private let tied: ConvolutionalLayer

  /// The explanation of a layer of one input and one kernel.
  package init(_ input: ExplainInput) throws {
    self.input = input
    X = Volume([input.X])
    dY = Volume([input.dY])
    let K = Kernels([[input.K]])
    let shape = X.shape
    layer = try ConvolutionalLayer(inputShape: shape, kernels: K, biases: Volume([input.B]))
    untied = try ConvolutionalLayer(inputShape: shape, kernels: K, biases: layer.B)
    tied = try ConvolutionalLayer(inputShape: shape, kernels: K, biases: Volume([[[0]]]))
  }

  /// The lines, none wider than a terminal for numbers of ordinary length.
  package var lines: [String] {
    let sections = [
      introduction, forward, kernelGradient, biasGradient, scattering, gathering,
    ]
    return Array(sections.joined(separator: [""]))
  }

  private var introduction: [String] {
    [
      "The convolutional layer on one input and one kernel, number by number.",
      "One output, j = 0, and one input channel, i = 0. Positions count from 0.",
      "At the end of each line is the sum so far.",
      "",
    ]
      + Layout.beside([
        Layout.block("X", input.X), Layout.block("K", input.K), Layout.block("B", layer.B[0]),
        Layout.block("dE/dY", input.dY),
      ])
  }

  private var forward: [String] {
    let Y = layer.forward(X)
    return heading("1  Forward:  Y = B + X ⋆ K")
      + source([.bias, .forward, .crossCorrelation])
      + [
        "", "  K slides over X as it is. Where it lies on the window that begins at r, c, the",
        "  products of the two, and the bias, add up to Y[r,c].",
      ]
      + groups(layer.traceForward(X), by: \.target) { place, steps in
        let bias = Layout.number(layer.B[0][place.row, place.column])
        let products = steps.map { row("X\(at($0.left)) · K\(at($0.right))", $0) }
        return (
          "Y\(at(place)): the window of X at \(at(place))",
          [["    B\(at(place))", "", "", "", "", "   " + bias]] + products
        )
      }
      + ["", "  Together:", ""] + Layout.beside([Layout.block("Y", Y[0])])
      + [
        "",
        "  E = Σ dE/dY[r,c] · Y[r,c] = \(Layout.number(error(Y))) is an error with this dE/dY.",
        "  The finite differences below are the slopes of this E, measured.",
      ]
  }

  private var kernelGradient: [String] {
    let dK = layer.backward(dY, input: X).gradient.dK
    let measured = finiteDifferences(at: Volume(dK.matrices.map { _ in input.K })) { K in
      var moved = layer
      moved.kernels = Kernels([K.matrices])
      return error(moved.forward(X))
    }
    return heading("2  The kernel's gradient:  dE/dK = X ⋆ dE/dY")
      + source([.kernelGradient, .crossCorrelation])
      + [
        "", "  K[u,v] has a part in every Y[r,c], and the chain rule sums over them all:",
        "  dE/dK[u,v] = Σ ∂Y[r,c]/∂K[u,v] · dE/dY[r,c],   ∂Y[r,c]/∂K[u,v] = X[r+u,c+v].",
      ]
      + groups(layer.traceKernelGradient(dY, input: X), by: \.target) { place, steps in
        let terms = steps.map { step in
          row(
            "(∂Y\(at(step.right))/∂K\(at(place)) = X\(at(step.left))) · dE/dY\(at(step.right))",
            step)
        }
        return ("dE/dK\(at(place)): one term for each Y[r,c]", terms)
      }
      + result("dE/dK", Volume(dK.matrices), measured)
  }

  private var biasGradient: [String] {
    let each = untied.backward(dY, input: X).gradient.dB
    let measuredEach = finiteDifferences(at: untied.biases) { B in
      var moved = untied
      moved.biases = B
      return error(moved.forward(X))
    }
    let sum = tied.backward(dY, input: X).gradient.dB
    let measuredSum = finiteDifferences(at: tied.biases) { b in
      var moved = tied
      moved.biases = b
      return error(moved.forward(X))
    }
    return heading("3  The bias's gradient:  dE/dB = dE/dY")
      + source([.biasGradient])
      + ["", "  Untied, a bias of its own for each position: it has a part in one Y[r,c] only."]
      + result("dE/dB", each, measuredEach)
      + ["", "  Tied, one bias b for all positions: it has a part in all, dE/db is the sum."]
      + result("dE/db", sum, measuredSum)
  }

  private var scattering: [String] {
    heading("4  The input's gradient, by scattering:  dE/dY · K added back")
      + source([.scattering])
      + [
        "", "  Y[r,c] was made from a window of X. dE/dY[r,c] goes back to that window, each",
        "  entry getting the share that K gave it. No kernel is rotated.",
      ]
      + groups(layer.traceInputGradientByScattering(dY), by: \.window) { place, steps in
        let products = steps.map { step in
          row("dE/dX\(at(step.target)) += dE/dY\(at(step.left)) · K\(at(step.right))", step)
        }
        return ("dE/dY\(at(place)) goes back to the window of X at \(at(place))", products)
      }
      + result("dE/dX", Volume([inputGradientByScattering(input.dY, input.K)]), measuredInput)
  }

  private var gathering: [String] {
    let padded = input.dY.padded(for: input.K)
    return heading("5  The input's gradient, by gathering:  dE/dX = dE/dY ∗ K")
      + source([.inputGradient, .convolution, .crossCorrelation])
      + [
        "", "  The same products, collected for each X[r,c]. What lies up and left in dE/dY",
        "  meets what lies down and right in K, as if K were rotated by 180°: the full",
        "  convolution.", "",
      ]
      + Layout.beside([
        Layout.block("dE/dY with zeros around", padded),
        Layout.block("K rotated", input.K.rotated180),
      ])
      + ["", "  Products with the zeros around are left out here."]
      + groups(
        layer.traceInputGradientByGathering(dY).filter { !$0.left.isPadding }, by: \.target
      ) { place, steps in
        let products = steps.map { row("dE/dY\(at($0.left)) · K\(at($0.right))", $0) }
        return ("dE/dX\(at(place))", products)
      }
      + result("dE/dX", layer.backward(dY, input: X).dX, measuredInput)
  }

  private var measuredInput: Volume {
    finiteDifferences(at: X) { error(layer.forward($0)) }
  }

  /// E = Σ dE/dY ⊙ Y.
  private func error(_ Y: Volume) -> Double { (dY ⊙ Y)[0].sum }
}

// MARK: How a section looks

private func heading(_ title: String) -> [String] {
  [title, String(repeating: "─", count: Layout.width), ""]
}

/// The lines of the source that do what the section shows.
private func source(_ lines: [SourceLine]) -> [String] {
  Layout.table(lines.map { ["  \($0)", "   \($0.code)"] }, leading: 2)
}

/// A title for all steps of one place, and a line for each of them; all in the same columns.
private func groups(
  _ steps: [TraceStep], by place: (TraceStep) -> TraceStep.Position,
  _ group: (TraceStep.Position, [TraceStep]) -> (title: String, rows: [[String]])
) -> [String] {
  var places: [TraceStep.Position] = []
  for step in steps where !places.contains(place(step)) { places.append(place(step)) }
  let groups = places.map { one in group(one, steps.filter { place($0) == one }) }
  var lines = Layout.table(groups.flatMap(\.rows), leading: 1)[...]
  return groups.flatMap { group in
    defer { lines = lines.dropFirst(group.rows.count) }
    return ["", "  " + group.title] + lines.prefix(group.rows.count)
  }
}

/// The product in letters, its factors, the product, and the sum so far.
private func row(_ letters: String, _ step: TraceStep) -> [String] {
  [
    "    " + letters,
    "   \(Layout.number(step.left.value)) · ",
    Layout.number(step.right.value),
    " = ",
    Layout.number(step.product),
    "   " + Layout.number(step.sum),
  ]
}

/// A gradient beside its finite differences, and how far the two are apart.
private func result(_ name: String, _ gradient: Volume, _ measured: Volume) -> [String] {
  let apart = Layout.error(relativeError(gradient, measured))
  return ["", "  Beside its finite difference, relative error \(apart):", ""]
    + Layout.beside([
      Layout.block(name, gradient[0]),
      Layout.block("measured", measured[0], format: Layout.measured),
    ])
}

private func at(_ position: TraceStep.Position) -> String { "[\(position.row),\(position.column)]" }

private func at(_ factor: TraceStep.Factor) -> String { at(factor.position) }
