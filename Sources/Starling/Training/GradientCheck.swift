/// The gradient of one tensor, held against finite differences.
public struct GradientCheck: Hashable, Sendable {
  /// The layer: `layer 3 (Dense)`, or `network` for the gradient of its input.
  public let layer: String
  /// The tensor: `weight`, `bias`, or `input`.
  public let parameter: String
  /// The largest difference between the slope that the gradient promises in a direction and the one
  /// that was found, over the length of the gradient; or, where the gradient is too short for `Float` to
  /// tell it from rounding, over the least length that is not.
  public let maxRelativeError: Double

  /// Whether the error is within what `Float` can tell.
  public var passed: Bool { maxRelativeError <= GradientCheck.tolerance }

  /// An error of 1 in 1,000.
  ///
  /// Rounding in `Float` makes errors of about 10⁻⁴; a mistake worth the name, a sign, a
  /// transposition, a rotation, a missing 1/m, makes one of 10⁻¹ or more.
  public static let tolerance = 0.001
}

extension Network {
  /// Compares the gradient of each tensor that is learned, and that of the images, with finite
  /// differences of the error.
  ///
  /// Changing one number of thousands changes the error by less than `Float` can resolve, so that all
  /// numbers of a tensor are changed at once, each up or down at random. Along such a direction s the
  /// slope must be s·dE/dθ:
  ///
  ///     s·dE/dθ ≈ [E(θ − 2hs) − 8·E(θ − hs) + 8·E(θ + hs) − E(θ + 2hs)] / 12h
  ///
  /// A gradient that is wrong anywhere disagrees along almost every direction, by as much of the
  /// gradient's length as is wrong. A large h meets curvature and a small one rounding, sooner in a
  /// network that has learned than in a fresh one: three are tried, and the one that agrees best counts.
  ///
  /// A rectifier and the largest of a window have corners, where there is no slope. Wherever those of a
  /// ``ReLU`` or a ``MaxPooling`` are near, the step goes on as if they were not, on the piece that the
  /// gradient is of. A function of your own with corners may be found wrong beside them.
  ///
  /// - Parameters:
  ///   - loss: What the error is measured with.
  ///   - images: The inputs, `[batch] + inputShape`.
  ///   - targets: What should come out, `[batch] + outputShape`.
  ///   - directions: How many directions to try for each tensor.
  ///   - seed: What the directions are drawn from.
  ///   - threads: How many threads compute; the number changes no bit.
  /// - Returns: One check for each tensor that is learned, and one for the images.
  /// - Throws: ``ShapeError`` when shapes do not fit; ``TrainingError`` for no direction at all.
  public func checkGradients(
    loss: any Loss, images: Tensor, targets: Tensor, directions: Int = 20, seed: UInt64 = 1,
    threads: Threads = .available
  ) throws -> [GradientCheck] {
    try check(images)
    guard directions > 0 else {
      throw TrainingError.setting(
        "directions", expected: "1 or more", found: "\(directions)", remedy: "20 are usual")
    }
    let pass = Pass(.training(seed: seed), threads: threads)
    let (loss, depth) = head(for: loss)
    var gradients = parameters.map(\.zeros)
    let (prediction, caches) = forward(images, upTo: depth, pass)
    func error(_ network: Network, _ images: Tensor) throws -> Double {
      try loss.error(of: network.outputs(of: images, onPiecesOf: caches, pass), for: targets)
    }
    let dE = try loss.gradient(of: prediction, for: targets)
    let dX = backward(dE, caches, accumulatingInto: &gradients, pass)

    var random = SeededGenerator(seed: seed)
    var checks: [GradientCheck] = []
    for (position, layer) in layers.enumerated() {
      let specifications = layer.recipe.parameterSpecifications(for: layer.inputShape)
      for (tensor, specification) in specifications.enumerated()
      where specification.kind == .learned {
        let scale = Float(specification.standardDeviation)
        let claim = GradientClaim(
          point: layer.parameters.tensors[tensor], gradient: gradients[position].tensors[tensor],
          scale: scale > 0 ? scale : 1
        ) { changed in
          var network = self
          network.layers[position].parameters.tensors[tensor] = changed
          return try error(network, images)
        }
        checks.append(
          GradientCheck(
            layer: place(ofLayer: position), parameter: specification.name,
            maxRelativeError: try claim.worstError(along: directions, &random)))
      }
    }
    let claim = GradientClaim(point: images, gradient: dX, scale: 1) { try error(self, $0) }
    checks.append(
      GradientCheck(
        layer: "network", parameter: "input",
        maxRelativeError: try claim.worstError(along: directions, &random)))
    return checks
  }
}

extension Network {
  /// The outputs of the layers that left `caches`, where each that is linear but for corners stays on the
  /// piece where it was then.
  private func outputs(of x: Tensor, onPiecesOf caches: [any Sendable], _ pass: Pass) -> Tensor {
    var y = x
    for (position, cache) in caches.enumerated() {
      if let layer = layers[position] as? any PiecewiseLinearLayer {
        y = layer.forwardErased(y, onPieceOf: cache, pass)
      } else {
        y = forward(y, through: position, pass).y
      }
    }
    return y
  }
}

/// A function of one tensor, and what is said to be its gradient at a point.
private struct GradientClaim {
  let point: Tensor
  let gradient: Tensor
  /// How large the tensor's numbers usually are: what weights start out with, and 1 for others.
  let scale: Float
  let function: (Tensor) throws -> Double

  /// The largest difference between the slope claimed and the slope found, over the gradient's length.
  func worstError(
    along directions: Int, _ random: inout SeededGenerator
  ) throws -> Double {
    let length = gradient.elements.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    guard length.isFinite else { return .infinity }
    let yardstick = max(length, try leastLength, .leastNormalMagnitude)
    var worst = 0.0
    for _ in 0..<directions {
      let signs = point.map { _ in random.next() & 1 == 0 ? 1 : -1 }
      let claimed = zip(signs.elements, gradient.elements).reduce(0.0) {
        $0 + Double($1.0) * Double($1.1)
      }
      let errors = try [1, 1 / 4, 1 / 16].map { (size: Float) in
        abs(try slope(along: signs, h: size / 4 * scale) - claimed)
      }
      // A step may be too large for the error to stay finite; a gradient may not be NaN.
      guard let least = errors.filter({ !$0.isNaN }).min() else { return .infinity }
      worst = max(worst, least / yardstick)
    }
    return worst
  }

  /// A gradient that is shorter is held against this length.
  ///
  /// A step by the tensor's usual size along it would change the error by less than a hundredth. Below that it
  /// drowns in rounding, above all where it is 0, as that of a bias which a ``BatchNormalization``
  /// takes off again.
  private var leastLength: Double {
    get throws { 0.01 * abs(try function(point)) / Double(scale) }
  }

  private func slope(along signs: Tensor, h: Float) throws -> Double {
    func shifted(_ steps: Float) throws -> Double {
      try function(point.combined(with: signs) { $0 + steps * h * $1 })
    }
    // Subtracted in pairs, so that an error that does not move has a slope of exactly 0.
    let near = try shifted(1) - shifted(-1)
    let far = try shifted(2) - shifted(-2)
    return (8 * near - far) / (12 * Double(h))
  }
}
