import Starling

/// Layers with a mistake planted in them; whoever names one by its type says what it is a mistaken form of.
enum Mistaken {}

extension Mistaken {
  /// A convolution whose output is right, and whose gradient is wrong in one way.
  struct Convolution: Recipe {
    /// What is done to the gradient on its way.
    enum Mistake: String, Codable, Sendable {
      case kernelGradientReversed
      case kernelGradientNegated
      case nothingLearned
      case biasGradientSummed
    }

    let convolution: Starling.Convolution
    let mistake: Mistake

    func outputShape(for input: Shape) throws(ShapeError) -> Shape {
      try convolution.outputShape(for: input)
    }

    func parameterSpecifications(for input: Shape) -> [ParameterSpecification] {
      convolution.parameterSpecifications(for: input)
    }

    func layer(for input: Shape, parameters: Parameters) -> any Layer {
      func mistaken(_ layer: some Layer) -> any Layer {
        MistakenLayer(layer: layer, mistaken: self)
      }
      return mistaken(convolution.layer(for: input, parameters: parameters))
    }
  }
}

/// The engine's convolution, whose gradient is changed before it is added.
private struct MistakenLayer<Right: Layer>: Layer {
  var layer: Right
  let mistaken: Mistaken.Convolution

  var recipe: any Recipe { mistaken }
  var inputShape: Shape { layer.inputShape }
  var outputShape: Shape { layer.outputShape }
  var parameters: Parameters {
    get { layer.parameters }
    set { layer.parameters = newValue }
  }

  func forward(_ x: Tensor, _ pass: Pass) -> (y: Tensor, cache: Right.Cache) {
    layer.forward(x, pass)
  }

  /// The true dE/dX, and the mistaken gradients of kernels and biases.
  func backward(
    _ dY: Tensor, _ cache: Right.Cache, accumulatingInto gradient: inout Parameters, _ pass: Pass
  ) -> Tensor {
    var own = gradient.zeros
    let dX = layer.backward(dY, cache, accumulatingInto: &own, pass)
    mistaken.mistake.plant(in: &own)
    for index in gradient.tensors.indices {
      gradient.tensors[index] = gradient.tensors[index].plus(own.tensors[index])
    }
    return dX
  }
}

extension Mistaken.Convolution.Mistake {
  /// Turns a convolution's true gradient into the mistaken one.
  fileprivate func plant(in gradient: inout Parameters) {
    switch self {
    case .kernelGradientReversed: gradient["weight"] = gradient["weight"].planesReversed
    case .kernelGradientNegated: gradient["weight"] = gradient["weight"].map { -$0 }
    case .nothingLearned: gradient = gradient.zeros
    case .biasGradientSummed: gradient["bias"] = gradient["bias"].planesSummed
    }
  }
}

extension Tensor {
  /// The number of elements in a plane, which the last two axes span.
  private var planeSize: Int { shape.dimensions.suffix(2).reduce(1, *) }

  /// Each plane turned by 180°.
  fileprivate var planesReversed: Tensor {
    let size = planeSize
    return mapPositions { position in
      elements[position / size * size + (size - 1 - position % size)]
    }
  }

  /// Each element replaced by the sum of its plane.
  fileprivate var planesSummed: Tensor {
    let size = planeSize
    let sums = stride(from: 0, to: count, by: size).map { elements[$0..<$0 + size].reduce(0, +) }
    return mapPositions { sums[$0 / size] }
  }

  /// The sum with a tensor of the same shape.
  fileprivate func plus(_ other: Tensor) -> Tensor {
    mapPositions { elements[$0] + other.elements[$0] }
  }

  /// The tensor of `function` of each position.
  private func mapPositions(_ function: (Int) -> Float) -> Tensor {
    var position = -1
    return map { _ in
      position += 1
      return function(position)
    }
  }
}
