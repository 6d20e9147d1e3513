import Starling

/// What a run is asked to do; where nothing is said, what the deck does.
struct RunSettings: Encodable, Sendable {
  /// Which images to learn from.
  var data: DigitSet
  /// How many training images of each class.
  var images = 100
  /// How often every image is shown.
  var epochs = 20
  /// The length of a step for a slope of 1.
  var learningRate: Float = 0.1
  /// What everything random is drawn from.
  var seed: UInt64 = 1
  /// What is done wrong on purpose.
  var mistake = PlantedMistake.none

  /// The network before its first step.
  func network(for split: DatasetSplit) throws(ShapeError) -> Network {
    var network = try Network(
      input: split.train.imageShape, seed: seed, recipes: mistake.recipes)
    network.classNames = split.train.classNames
    network.preprocessing = split.train.preprocessing
    return network
  }

  /// A trainer that has not begun.
  var trainer: Trainer {
    Trainer(
      loss: mistake.loss, optimizer: SGD(learningRate: learningRate),
      batchSize: Preset.zeroOne.batchSize, seed: seed, threads: DeckNetwork.threads)
  }
}
