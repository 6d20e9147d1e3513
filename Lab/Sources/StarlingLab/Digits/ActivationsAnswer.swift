import Starling

/// What each layer makes of a digit.
struct ActivationsAnswer: Encodable {
  /// What one layer gives.
  struct Layer: Encodable {
    let position: Int
    let name: String
    let shape: Shape
    /// Its numbers, in the order of the shape's axes.
    let values: [Float]
  }

  let pixels: [[Float]]
  let layers: [Layer]
  /// The class that the network takes the digit for.
  let label: String
  let scores: [Float]

  init(_ network: Network, of digit: DigitChoice) throws {
    let outputs = try network.activations(digit.image.batchOfOne, threads: DeckNetwork.threads)
    pixels = digit.pixels
    layers = zip(network.layers, outputs).enumerated().map { position, layer in
      Layer(
        position: position, name: layer.0.recipe.name, shape: layer.0.outputShape,
        values: layer.1.elements)
    }
    scores = outputs.last?.elements ?? []
    label = network.label(for: scores)
  }
}

extension Tensor {
  /// The tensor as a batch that holds nothing else.
  var batchOfOne: Tensor {
    get throws(ShapeError) { try reshaped(shape.batched(1)) }
  }
}

extension Network {
  /// The name of the class with the highest score.
  func label(for scores: [Float]) -> String {
    let best = scores.indices.max { scores[$0] < scores[$1] } ?? 0
    return outputNames[best]
  }
}
