import Foundation
import Starling
import Testing

/// What PyTorch said of layers, losses and training runs: `Tests/Oracles/pytorch_layers.json`, as
/// `pytorch_layers.py` beside it tells.
struct PyTorchOracle: Decodable {
  let cases: [Case]
  let runs: [Run]

  struct Case: Decodable {
    let name: String
    let layer: String
    let options: Options
    let given: [String: Numbers]
    let expected: [String: Numbers]
  }

  struct Options: Decodable {
    let bias: String?
  }

  struct Run: Decodable {
    let name: String
    let loss: String
    let inputShape: Shape
    let layers: [RunLayer]
    let batchSize: Int
    let steps: Int
    let learningRate: Float
    let given: [String: Numbers]
    let expected: [String: Numbers]
  }

  struct RunLayer: Decodable {
    let layer: String
    let depth: Int?
    let kernelHeight: Int?
    let kernelWidth: Int?
    let bias: Convolution.Bias?
    let outputs: Int?
  }

  struct Numbers: Decodable {
    let shape: Shape
    let values: [Double]

    var tensor: Tensor {
      get throws { try Tensor(shape, elements: values.map { Float($0) }) }
    }

    /// The largest difference from these numbers, over the largest of them.
    func relativeError(of found: Tensor) throws -> Double {
      try #require(found.shape == shape)
      return try relativeError(of: found.elements.map(Double.init))
    }

    func relativeError(of found: [Double]) throws -> Double {
      try #require(found.count == values.count)
      let largest = values.reduce(0) { max($0, abs($1)) }
      // `max` would let a NaN go by.
      let differences = zip(found, values).map { abs($0 - $1) }
      try #require(differences.allSatisfy { $0.isFinite })
      return (differences.max() ?? 0) / (largest > 0 ? largest : 1)
    }
  }

  /// The committed numbers, read once.
  static func load() throws -> PyTorchOracle { try loaded.get() }

  private static let loaded = Result {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Oracles/pytorch_layers.json")
    return try JSONDecoder().decode(PyTorchOracle.self, from: Data(contentsOf: file))
  }

  /// The cases of one kind of layer or loss.
  func cases(of layer: String) throws -> [Case] {
    let found = cases.filter { $0.layer == layer }
    try #require(!found.isEmpty)
    return found
  }
}

extension PyTorchOracle.Case {
  func given(_ name: String) throws -> Tensor { try #require(given[name]).tensor }

  /// Holds a tensor to what is expected under a name.
  func expect(
    _ found: Tensor, _ name: String, within tolerance: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let error = try #require(expected[name]).relativeError(of: found)
    #expect(error <= tolerance, "\(self.name), \(name)", sourceLocation: sourceLocation)
  }

  /// `weight`, and `bias` if there is one.
  var parameters: Parameters {
    get throws {
      given["bias"] == nil
        ? Parameters(["weight": try given("weight")])
        : Parameters(["weight": try given("weight"), "bias": try given("bias")])
    }
  }
}
