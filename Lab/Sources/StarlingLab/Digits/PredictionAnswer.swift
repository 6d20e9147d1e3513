import Starling

/// What a network says of a picture.
struct PredictionAnswer: Encodable, Sendable {
  /// What the network saw.
  let pixels: [[Float]]
  /// The class with the highest score.
  let label: String
  let scores: [Float]
  /// That score; it is no probability, since the outputs are independent.
  let confidence: Float
  /// What the scores add up to.
  let sum: Float
  /// The maps of the convolution behind their sigmoid, by map, row and column.
  let maps: [[[Float]]]
  let polarity: Polarity

  init(_ network: Network, of image: Tensor, polarity: Polarity) throws {
    let batch = try image.batchOfOne
    scores = try network(batch, threads: DeckNetwork.threads).elements
    let maps = try network.activations(batch, threads: DeckNetwork.threads)[1]
    pixels = image.rows
    label = network.label(for: scores)
    confidence = scores.max() ?? 0
    sum = scores.reduce(0, +)
    self.maps = maps.rows.nested(maps.shape[2])
    self.polarity = polarity
  }
}
