import Starling
import Testing

extension Tensor {
  /// Normal numbers from a generator of a seed.
  static func random(_ shape: Shape, seed: UInt64, scale: Double = 1) -> Tensor {
    var random = SeededGenerator(seed: seed, stream: 77)
    return Tensor(zeros: shape).map { _ in Float(random.normal() * scale) }
  }

  /// Rows with a single 1, at random places.
  static func oneHot(_ rows: Int, _ classes: Int, seed: UInt64) -> Tensor {
    var random = SeededGenerator(seed: seed, stream: 78)
    var tensor = Tensor(zeros: [rows, classes])
    for row in 0..<rows { tensor[row, random.index(below: classes)] = 1 }
    return tensor
  }

  /// Some of the samples of a batch.
  func samples(_ positions: Range<Int>) throws -> Tensor {
    let size = shape.withoutBatch.count
    return try Tensor(
      shape.withoutBatch.batched(positions.count),
      elements: Array(elements[positions.lowerBound * size..<positions.upperBound * size]))
  }

  /// The bits, so that NaN equals itself and −0 differs from 0.
  var bits: [UInt32] { elements.map(\.bitPattern) }
}

extension Network {
  /// The bits of all parameters.
  var bits: [[UInt32]] { namedParameters.map(\.tensor.bits) }
}

/// What one layer makes of a batch, forth and back.
struct LayerRun {
  let y: Tensor
  let dX: Tensor
  let gradients: Parameters

  /// Runs the layer of a recipe, in inference unless said, and takes `dY` back through it.
  init(
    _ recipe: any Recipe, _ parameters: Parameters = .none, x: Tensor, dY: Tensor,
    mode: Pass.Mode = .inference, threads: Int = 1
  ) throws {
    let layer = try recipe.build(for: x.shape.withoutBatch, parameters: parameters)
    let pass = Pass(mode, threads: Threads(threads))
    // The existential is opened by a function that is generic over its cache.
    func run(_ layer: some Layer) -> (Tensor, Tensor, Parameters) {
      let (y, cache) = layer.forward(x, pass)
      var gradients = layer.parameters.zeros
      let dX = layer.backward(dY, cache, accumulatingInto: &gradients, pass)
      return (y, dX, gradients)
    }
    (y, dX, gradients) = run(layer)
  }
}
