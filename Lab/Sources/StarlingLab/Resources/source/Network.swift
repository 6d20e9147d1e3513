/// A network: layers in a chain, the output of each the input of the next.
public struct Network: Sendable {
  /// The layers, the one that takes the image first.
  public var layers: [any Layer]

  /// A network of the given layers.
  public init(_ layers: [any Layer]) {
    self.layers = layers
  }

  /// The input of each layer in turn, and as the last one the network's output.
  public func forward(_ X: Volume) -> [Volume] {
    var volumes = [X]
    for layer in layers {
      volumes.append(layer.forward(volumes[volumes.count - 1]))
    }
    return volumes
  }

  /// From dE/dŷ at the network's end: dE/dX at its beginning, and the gradient of each layer.
  ///
  /// The gradient passes through the layers from the last to the first. What is dE/dX to one layer
  /// is dE/dY to the layer before it. No layer changes meanwhile.
  ///
  /// - Parameters:
  ///   - dŷ: The gradient of the error with respect to the output.
  ///   - volumes: What the forward pass gave.
  /// - Returns: The gradient of the error with respect to the input, and to each layer's parameters.
  public func backward(_ dŷ: Volume, volumes: [Volume]) -> (dX: Volume, gradients: [any Sendable]) {
    var gradient = dŷ
    var gradients: [any Sendable] = []
    for (layer, X) in zip(layers, volumes).reversed() {
      let (dX, own) = layer.backwardErased(gradient, input: X)
      gradient = dX
      gradients.append(own)
    }
    return (gradient, gradients.reversed())
  }

  /// Gradient descent in all layers, after the backward pass.
  public mutating func update(by gradients: [any Sendable], learningRate: Double) {
    precondition(gradients.count == layers.count, "there is one gradient for each layer")
    for (index, gradient) in gradients.enumerated() {
      layers[index].updateErased(by: gradient, learningRate: learningRate)
    }
  }
}

// A chain holds layers of any type, so the type of a layer's gradient is lost on the way from
// `backward` to `update`. These two are where it goes and where it comes back.
extension Layer {
  fileprivate func backwardErased(
    _ dY: Volume, input X: Volume
  ) -> (dX: Volume, gradient: any Sendable) {
    backward(dY, input: X)
  }

  fileprivate mutating func updateErased(by gradient: any Sendable, learningRate: Double) {
    guard let gradient = gradient as? Gradient else {
      preconditionFailure("the gradient of a \(Self.self) is a \(Gradient.self)")
    }
    update(by: gradient, learningRate: learningRate)
  }
}

extension Network {
  /// The deck's network: zeros and ones of 28×28 pixels, with 341,727 numbers to learn.
  ///
  /// - Parameters:
  ///   - image: Depth, height and width of the images.
  ///   - random: The generator that the layers draw from, one after the other.
  /// - Returns: The network, untrained.
  /// - Throws: `SizeError` if the image is smaller than 3×3.
  public static func deck(
    image: VolumeShape = [1, 28, 28], using random: inout SplitMix64
  ) throws(SizeError) -> Network {
    let convolution = try ConvolutionalLayer(
      inputShape: image, kernelSize: 3, depth: 5, using: &random)
    let maps = convolution.outputShape  // 5×26×26 for 28×28 pixels
    return Network([
      convolution,
      Sigmoid(),
      try Reshape(maps, [1, maps.count, 1]),
      try Dense(maps.count, 100, using: &random),
      Sigmoid(),
      try Dense(100, 2, using: &random),
      Sigmoid(),
    ])
  }
}
