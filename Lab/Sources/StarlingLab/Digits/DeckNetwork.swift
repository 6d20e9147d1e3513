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

  /// A network of the deck's layers with another's numbers, and without the memory that the other computes in.
  ///
  /// - Parameters:
  ///   - network: The other, whose layers may have a mistake planted in them.
  ///   - recipes: The layers, the deck's own unless others are given.
  /// - Returns: The network.
  /// - Throws: `ShapeError` where the numbers are not those of the deck's layers.
  static func copy(
    of network: Network, recipes: [any Recipe] = recipes
  ) throws(ShapeError) -> Network {
    var copy = try Network(
      input: network.inputShape, recipes: recipes, parameters: network.parameters)
    copy.classNames = network.classNames
    copy.preprocessing = network.preprocessing
    return copy
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
