/// The gradient of one tensor, held against finite differences.
public struct GradientCheck: Hashable, Sendable {
  /// The layer: `layer 3 (Dense)`, or `network` for the gradient of its input.
  public let layer: String
  /// The tensor: `weight`, `bias`, or `input`.
  public let parameter: String
  /// The largest difference between the slope that the gradient promises in a direction and the one
  /// that was found, over the length of the gradient.
  public let maxRelativeError: Double

  /// Whether the error is within what `Float` can tell.
  public var passed: Bool { maxRelativeError <= GradientCheck.tolerance }

  /// An error of 1 in 100.
  ///
  /// Rounding in `Float` makes errors of 10⁻⁴ to 10⁻³; a mistake worth the name, a sign, a
  /// transposition, a rotation, a missing 1/m, makes one of 10⁻¹ or more.
  public static let tolerance = 0.01
}

extension Network {
  /// Compares the gradient of each tensor of parameters, and that of the images, with finite
  /// differences of the error.
  ///
  /// Changing one number of thousands changes the error by less than `Float` can resolve, so that all
  /// numbers of a tensor are changed at once, each up or down at random. Along such a direction s the
  /// slope must be s·dE/dθ:
  ///
  ///     s·dE/dθ ≈ [E(θ − 2hs) − 8·E(θ − hs) + 8·E(θ + hs) − E(θ + 2hs)] / 12h
  ///
  /// A gradient that is wrong anywhere disagrees along almost every direction, by as much of the
  /// gradient's length as is wrong.
  ///
  /// - Parameters:
  ///   - loss: What the error is measured with.
  ///   - images: The inputs, `[batch] + inputShape`.
  ///   - targets: What should come out, `[batch] + outputShape`.
  ///   - directions: How many directions to try for each tensor.
  ///   - seed: What the directions are drawn from.
  /// - Returns: One check for each tensor of parameters, and one for the images.
  /// - Throws: ``ShapeError`` when shapes do not fit.
  public func checkGradients(
    loss: any Loss, images: Tensor, targets: Tensor, directions: Int = 20, seed: UInt64 = 1
  ) throws -> [GradientCheck] {
    let pass = Pass(.training(seed: seed))
    let (loss, depth) = head(for: loss)
    func error(_ network: Network, _ images: Tensor) throws -> Double {
      try loss.error(of: network.outputs(of: images, upTo: depth, pass), for: targets)
    }

    var gradients = parameters.map(\.zeros)
    let (prediction, caches) = forward(images, upTo: depth, pass)
    let dE = try loss.gradient(of: prediction, for: targets)
    let dX = backward(dE, caches, accumulatingInto: &gradients, pass)

    var random = SeededGenerator(seed: seed)
    func worst(
      _ gradient: Tensor, around point: Tensor, _ h: Float, _ error: (Tensor) throws -> Double
    )
      rethrows -> Double
    {
      let length = gradient.elements.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      var worst = 0.0
      for _ in 0..<directions {
        let signs = point.map { _ in random.next() & 1 == 0 ? 1 : -1 }
        func shifted(_ steps: Float) throws -> Double {
          try error(point.combined(with: signs) { $0 + steps * h * $1 })
        }
        let found =
          try (shifted(-2) - 8 * shifted(-1) + 8 * shifted(1) - shifted(2)) / (12 * Double(h))
        let promised = zip(signs.elements, gradient.elements).reduce(0.0) {
          $0 + Double($1.0) * Double($1.1)
        }
        worst = max(worst, abs(found - promised) / max(length, .leastNormalMagnitude))
      }
      return worst
    }

    var checks: [GradientCheck] = []
    for (position, layer) in layers.enumerated() {
      let specifications = layer.recipe.parameterSpecifications(for: layer.inputShape)
      for (tensor, specification) in specifications.enumerated() {
        var network = self
        let point = layer.parameters.tensors[tensor]
        checks.append(
          GradientCheck(
            layer: place(ofLayer: position), parameter: specification.name,
            maxRelativeError: try worst(
              gradients[position].tensors[tensor], around: point, Network.step(for: specification)
            ) { changed in
              network.layers[position].parameters.tensors[tensor] = changed
              return try error(network, images)
            }))
      }
    }
    checks.append(
      GradientCheck(
        layer: "network", parameter: "input",
        maxRelativeError: try worst(dX, around: images, 0.25) { try error(self, $0) }))
    return checks
  }

  /// A step h that moves the sums behind a parameter by about ¼, where activations are still nearly
  /// straight: ¼ of what weights start out with, and ¼ for a bias.
  private static func step(for specification: ParameterSpecification) -> Float {
    let scale = specification.standardDeviation
    return 0.25 * (scale > 0 ? Float(scale) : 1)
  }
}
