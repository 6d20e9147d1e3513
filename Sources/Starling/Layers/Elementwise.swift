/// A function applied to each number by itself, whose slope can be told from its value.
///
/// An activation of your own needs no more than these two lines.
public protocol ElementwiseFunction: Recipe {
  /// f(x).
  func value(_ x: Float) -> Float
  /// f′(x), given y = f(x).
  func slope(atValue y: Float) -> Float
}

extension ElementwiseFunction {
  /// The shape of the input.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape { input }

  /// The layer for an input of any shape.
  public func layer(for input: Shape, parameters: Parameters) -> any Layer {
    ElementwiseLayer(function: self, shape: input)
  }
}

/// An ``ElementwiseFunction``, for one input shape.
struct ElementwiseLayer<Function: ElementwiseFunction>: Layer {
  let function: Function
  let shape: Shape

  var recipe: any Recipe { function }
  var inputShape: Shape { shape }
  var outputShape: Shape { shape }

  /// y = f(x).
  func forward(_ x: Tensor, _ pass: Pass) -> (y: Tensor, cache: Tensor) {
    let y = x.map(function.value)
    return (y, y)
  }

  /// dE/dx = dE/dy · f′(x).
  func backward(
    _ dY: Tensor, _ y: Tensor, accumulatingInto gradient: inout Parameters, _ pass: Pass
  ) -> Tensor {
    dY.combined(with: y) { dY, y in dY * function.slope(atValue: y) }
  }
}
