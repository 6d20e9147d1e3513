import Starling

/// The deck's network, layer by layer.
struct NetworkAnswer: Encodable {
  /// One layer.
  struct Layer: Encodable {
    let position: Int
    let name: String
    /// The layer as one writes it in Swift.
    let recipe: String
    let input: Shape
    let output: Shape
    /// How many numbers it learns.
    let parameters: Int
  }

  let layers: [Layer]
  let total: Int

  init(_ network: Network) {
    layers = network.layers.enumerated().map { position, layer in
      Layer(
        position: position, name: layer.recipe.name, recipe: layer.recipe.source,
        input: layer.inputShape, output: layer.outputShape,
        parameters: layer.parameters.learnedCount)
    }
    total = network.parameterCount
  }
}

extension Recipe {
  /// The recipe as one writes it between the network's braces.
  fileprivate var source: String {
    switch self {
    case let convolution as Convolution:
      "Convolution(depth: \(convolution.depth), kernelSize: \(convolution.kernelHeight), "
        + "bias: .\(convolution.bias.rawValue))"
    case let reshape as Reshape: "Reshape(\(reshape.shape.dimensions))"
    case let dense as Dense: "Dense(\(dense.outputs))"
    default: "\(name)()"
    }
  }
}
