import Starling

/// A layer whose backward pass is wrong in one way, to see whether a check notices.
struct Faulty<Inner: Recipe>: Recipe {
  enum Fault: String, Codable, CaseIterable {
    case none, weightSign, weightScale, weightReversed, weightTransposed, oneWeightForgotten
    case weightMissing, biasMissing, biasSign, batchForgotten, notANumber, infinite
    case inputSign, inputScale, inputMissing, inputReversed, inputElsewhere
  }

  var inner: Inner
  var fault: Fault

  init(_ inner: Inner, _ fault: Fault) {
    self.inner = inner
    self.fault = fault
  }

  func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    try inner.outputShape(for: input)
  }

  func parameterSpecifications(for input: Shape) -> [ParameterSpecification] {
    inner.parameterSpecifications(for: input)
  }

  func layer(for input: Shape, parameters: Parameters) -> any Layer {
    func wrapped(_ layer: some Layer) -> any Layer { FaultyLayer(layer: layer, faulty: self) }
    return wrapped(inner.layer(for: input, parameters: parameters))
  }
}

private struct FaultyLayer<Inner: Layer, R: Recipe>: Layer {
  var layer: Inner
  let faulty: Faulty<R>

  var recipe: any Recipe { faulty }
  var inputShape: Shape { layer.inputShape }
  var outputShape: Shape { layer.outputShape }
  var parameters: Parameters {
    get { layer.parameters }
    set { layer.parameters = newValue }
  }

  func forward(_ x: Tensor, _ pass: Pass) -> (y: Tensor, cache: Inner.Cache) {
    layer.forward(x, pass)
  }

  func backward(
    _ dY: Tensor, _ cache: Inner.Cache, accumulatingInto gradient: inout Parameters, _ pass: Pass
  ) -> Tensor {
    let dX = layer.backward(dY, cache, accumulatingInto: &gradient, pass)
    let weight = gradient["weight"]
    switch faulty.fault {
    case .none: break
    case .weightSign: gradient["weight"] = weight.map { -$0 }
    case .weightScale: gradient["weight"] = weight.map { 1.1 * $0 }
    case .weightReversed: gradient["weight"] = weight.permuted { weight.count - 1 - $0 }
    case .weightTransposed: gradient["weight"] = weight.transposed
    case .oneWeightForgotten: gradient["weight"] = weight.permuted { $0 == 1 ? nil : $0 }
    case .weightMissing: gradient["weight"] = weight.map { _ in 0 }
    case .biasMissing: gradient["bias"] = gradient["bias"].map { _ in 0 }
    case .biasSign: gradient["bias"] = gradient["bias"].map { -$0 }
    case .batchForgotten:
      for tensor in gradient.tensors.indices {
        gradient.tensors[tensor] = gradient.tensors[tensor].map { $0 / Float(dY.shape[0]) }
      }
    case .notANumber: gradient["weight"] = weight.map { _ in .nan }
    case .infinite: gradient["weight"] = weight.map { $0 == weight.elements[0] ? .infinity : $0 }
    case .inputSign: return dX.map { -$0 }
    case .inputScale: return dX.map { 1.1 * $0 }
    case .inputMissing: return dX.map { _ in 0 }
    case .inputReversed: return dX.permuted { dX.count - 1 - $0 }
    case .inputElsewhere: return dX.permuted { ($0 + 1) % dX.count }
    }
    return dX
  }
}

extension Tensor {
  /// The elements taken from other places; 0 where there is none.
  fileprivate func permuted(_ source: (Int) -> Int?) -> Tensor {
    var position = -1
    return map { _ in
      position += 1
      return source(position).map { elements[$0] } ?? 0
    }
  }

  /// With its first two axes swapped, which must be of the same length.
  fileprivate var transposed: Tensor {
    let (rows, columns) = (shape[0], shape[1])
    let area = count / (rows * columns)
    return permuted { position in
      let (row, column) = (position / area / columns, position / area % columns)
      return (column * columns + row) * area + position % area
    }
  }
}
