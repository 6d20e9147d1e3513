/// Drops a random share of the numbers while a network learns, so that no unit relies on another.
///
///     training:  y = 0 with the probability rate, else x / (1 − rate)
///     inference: y = x
///
/// Since what is kept grows by 1 / (1 − rate), a sum over many inputs has the same mean in both. Source: N.
/// Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, "Dropout: A Simple Way to
/// Prevent Neural Networks from Overfitting" (2014), in its inverted form. What is dropped follows from
/// the seed of the pass and a number's place in the batch alone.
public struct Dropout: Recipe {
  /// The probability that a number is dropped, from 0 up to but not including 1, kept to 16 bits.
  public var rate: Float

  /// A layer that drops each number with the probability `rate`.
  public init(rate: Float = 0.5) {
    self.rate = rate
  }

  /// The shape of the input.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    guard rate >= 0, rate < 1 else {
      throw ShapeError(
        place: name, axis: "rate", expected: "0 or more and less than 1", found: "\(rate)",
        remedy: "0.5 drops every second number")
    }
    return input
  }

  /// The layer for an input of any shape.
  public func layer(for input: Shape, parameters: Parameters) -> any Layer {
    DropoutLayer(dropout: self, shape: input)
  }
}

/// ``Dropout``, for one input shape.
struct DropoutLayer: Layer {
  let dropout: Dropout
  let shape: Shape

  var recipe: any Recipe { dropout }
  var inputShape: Shape { shape }
  var outputShape: Shape { shape }

  /// y = m ⊙ x / (1 − rate), where m is 0 or 1.
  func forward(_ x: Tensor, _ pass: Pass) -> (y: Tensor, cache: Void) {
    (masked(x, pass), ())
  }

  /// dE/dx = m ⊙ dE/dy / (1 − rate), with the same m, since the pass has the same seed.
  func backward(
    _ dY: Tensor, _: Void, accumulatingInto gradient: inout Parameters, _ pass: Pass
  ) -> Tensor {
    masked(dY, pass)
  }

  private func masked(_ x: Tensor, _ pass: Pass) -> Tensor {
    guard case .training(let seed) = pass.mode else { return x }
    let count = x.count
    let mask = DropoutMask(rate: dropout.rate, seed: seed)
    return Tensor(uninitialized: x.shape) { y in
      x.withElements { x in
        for element in 0..<count {
          y[element] = mask.drops(element) ? 0 : x[element] * mask.scale
        }
      }
    }
  }
}
