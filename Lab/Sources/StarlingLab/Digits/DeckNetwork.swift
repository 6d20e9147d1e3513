import Starling

/// The deck's network, which tells handwritten zeros from ones.
enum DeckNetwork {
  /// The digits that it tells apart.
  static let classes = Preset.zeroOne.classes
  /// Its seven layers.
  static let recipes = Preset.zeroOne.recipes(classes: classes.count)
  /// What training makes small.
  static let loss = Preset.zeroOne.loss
  /// One thread, which is enough for a network of this size and leaves the others to the server.
  ///
  /// The number of threads changes no bit.
  static let threads = Threads(1)

  /// The same numbers in the deck's own layers.
  ///
  /// What a network with a mistake planted in a gradient answers is right; without the mistake it answers
  /// faster.
  static func same(as network: Network) throws(ShapeError) -> Network {
    guard network.recipes.contains(where: { $0 is MistakenConvolution }) else { return network }
    var same = try Network(
      input: network.inputShape, recipes: recipes, parameters: network.parameters)
    same.classNames = network.classNames
    same.preprocessing = network.preprocessing
    return same
  }

  /// The kernels of the first layer, by kernel, channel, row and column.
  static func kernels(of network: Network) -> [[[[Float]]]] {
    let kernels = network.parameters[0]["weight"]
    return kernels.elements.nested(kernels.shape[3]).nested(kernels.shape[2])
      .nested(kernels.shape[1])
  }
}

extension Array {
  /// The elements in rows of the given length.
  func nested(_ length: Int) -> [[Element]] {
    stride(from: 0, to: count, by: length).map { Array(self[$0..<Swift.min($0 + length, count)]) }
  }
}
