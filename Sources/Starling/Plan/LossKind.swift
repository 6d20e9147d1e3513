/// The losses that a plan knows, in the forms that are exact together with the layer before them.
package enum LossKind: Hashable, Sendable {
  /// Binary cross-entropy behind a sigmoid, as a function of what goes into the sigmoid.
  case binaryCrossEntropyWithLogits
  /// Categorical cross-entropy behind a softmax, as a function of what goes into the softmax.
  case categoricalCrossEntropyWithLogits
  /// The mean of squared differences.
  case meanSquaredError

  /// The kind of a loss that stands behind a network; nil for one that no plan knows.
  init?(_ loss: any Loss, behind network: Network) {
    switch network.head(for: loss).loss {
    case is BinaryCrossEntropyWithLogits: self = .binaryCrossEntropyWithLogits
    case is CategoricalCrossEntropyWithLogits: self = .categoricalCrossEntropyWithLogits
    case is MeanSquaredError: self = .meanSquaredError
    default: return nil
    }
  }
}
