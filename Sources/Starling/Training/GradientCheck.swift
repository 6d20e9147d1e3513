/// The gradient of one tensor of parameters, held against finite differences.
public struct GradientCheck: Hashable, Sendable {
  /// The layer: `layer 3 (Dense)`.
  public let layer: String
  /// The tensor: `weight`.
  public let parameter: String
  /// The largest difference between a component of the gradient and its finite difference, over the
  /// largest component of the tensor's gradient.
  public let maxRelativeError: Double
  /// How many components were compared.
  public let components: Int

  /// Whether the error is within what `Float` can tell.
  public var passed: Bool { maxRelativeError <= GradientCheck.tolerance }

  /// An error of 1 in 100. The difference of two `Float` errors carries noise of 10⁻⁴ or so; each
  /// mistake worth the name, a sign, a transposition, a rotation, is larger than 10⁻¹.
  public static let tolerance = 0.01
}

extension Network {
  /// Compares the gradient of each parameter tensor with finite differences of the error.
  ///
  ///     dE/dθ ≈ [E(θ−2h) − 8·E(θ−h) + 8·E(θ+h) − E(θ+2h)] / 12h
  ///
  /// The five-point formula has an error of h⁴, which allows an h so large that the rounding of
  /// `Float` is small beside the difference: h is 1/50 of the tensor's largest weight, and 1/50 at least.
  ///
  /// - Parameters:
  ///   - loss: What the error is measured with.
  ///   - images: The inputs, `[batch] + inputShape`.
  ///   - targets: What should come out, `[batch] + outputShape`.
  ///   - componentsPerTensor: How many components of each tensor to compare, chosen at random.
  ///   - seed: What they are chosen with.
  /// - Returns: One check for each tensor of parameters, and one for the gradient of the images.
  /// - Throws: ``ShapeError`` when shapes do not fit.
  public func checkGradients(
    loss: any Loss, images: Tensor, targets: Tensor, componentsPerTensor: Int = 50, seed: UInt64 = 1
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
    var checks: [GradientCheck] = []
    for layer in layers.indices {
      for (tensor, name) in layers[layer].parameters.names.enumerated() {
        var network = self
        checks.append(
          try compare(
            layer: place(ofLayer: layer), parameter: name, gradients[layer].tensors[tensor],
            around: layers[layer].parameters.tensors[tensor], componentsPerTensor, &random
          ) { changed in
            network.layers[layer].parameters.tensors[tensor] = changed
            return try error(network, images)
          })
      }
    }
    checks.append(
      try compare(
        layer: "network", parameter: "input", dX, around: images, componentsPerTensor, &random
      ) { try error(self, $0) })
    return checks
  }

  private func compare(
    layer: String, parameter: String, _ gradient: Tensor, around point: Tensor, _ most: Int,
    _ random: inout SeededGenerator, error: (Tensor) throws -> Double
  ) rethrows -> GradientCheck {
    let largest = point.elements.reduce(0) { max($0, abs($1)) }
    let h = max(largest, 1) / 50
    let scale = gradient.elements.reduce(0) { max($0, abs($1)) }
    let components = random.permutation(point.count).prefix(most)
    var worst = 0.0
    for component in components {
      func shifted(_ steps: Float) throws -> Double {
        var tensor = point
        tensor.elements[component] += steps * h
        return try error(tensor)
      }
      let difference =
        try (shifted(-2) - 8 * shifted(-1) + 8 * shifted(1) - shifted(2)) / (12 * Double(h))
      worst = max(worst, abs(difference - Double(gradient.elements[component])))
    }
    return GradientCheck(
      layer: layer, parameter: parameter,
      maxRelativeError: worst == 0 ? 0 : worst / Double(scale), components: components.count)
  }
}
