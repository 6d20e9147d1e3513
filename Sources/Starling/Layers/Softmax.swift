import Foundation

/// Turns the numbers of each sample into positive ones that add up to 1.
///
///     softmax(x)_k = e^(x_k) / Σ_l e^(x_l)        dE/dx_k = y_k·(dE/dy_k − Σ_l y_l·dE/dy_l)
///
/// The largest x is subtracted from all first: the result is the same, and nothing overflows.
public struct Softmax: Recipe {
  /// The softmax over all numbers of a sample; there is nothing to choose.
  public init() {}

  /// The shape of the input, which has one axis.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    guard input.rank == 1 else {
      throw ShapeError(
        place: name, axis: "input", expected: "one axis", found: "\(input)",
        remedy: "put Flatten() before it")
    }
    return input
  }

  /// The layer for an input that ``outputShape(for:)`` accepts.
  public func layer(for input: Shape, parameters: Parameters) -> any Layer {
    SoftmaxLayer(softmax: self, shape: input)
  }

  /// The softmax of each row of x, `[batch, n]`.
  static func apply(_ x: Tensor) -> Tensor {
    var y = x
    for row in x.rows {
      let largest = Softmax.largest(x, row)
      var sum: Float = 0
      for k in row {
        y.elements[k] = exp(x.elements[k] - largest)
        sum += y.elements[k]
      }
      for k in row { y.elements[k] /= sum }
    }
    return y
  }

  /// The largest number of one row.
  static func largest(_ x: Tensor, _ row: Range<Int>) -> Float {
    row.reduce(-.infinity) { max($0, x.elements[$1]) }
  }
}

/// ``Softmax``, for one number of inputs.
struct SoftmaxLayer: Layer {
  let softmax: Softmax
  let shape: Shape

  var recipe: any Recipe { softmax }
  var inputShape: Shape { shape }
  var outputShape: Shape { shape }

  /// y = softmax(x), sample by sample.
  func forward(_ x: Tensor, _ pass: Pass) -> (y: Tensor, cache: Tensor) {
    let y = Softmax.apply(x)
    return (y, y)
  }

  /// dE/dx_k = y_k·(dE/dy_k − Σ_l y_l·dE/dy_l), sample by sample.
  func backward(
    _ dY: Tensor, _ y: Tensor, accumulatingInto gradient: inout Parameters, _ pass: Pass
  ) -> Tensor {
    var dX = dY
    for row in y.rows {
      let mean = row.reduce(0) { $0 + y.elements[$1] * dY.elements[$1] }
      for k in row { dX.elements[k] = y.elements[k] * (dY.elements[k] - mean) }
    }
    return dX
  }
}
