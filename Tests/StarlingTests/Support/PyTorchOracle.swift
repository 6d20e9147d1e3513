import Foundation
import Starling
import Testing

/// What PyTorch said of layers, losses and training runs: `Tests/Oracles/pytorch_layers.json` and
/// `pytorch_options.json`, as the script beside each tells.
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
    let size: Int?
    let stride: Int?
    let padding: Int?
    let momentum: Float?
    let epsilon: Float?
    let mode: String?
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
    let stride: Int?
    let padding: Int?
    let bias: Convolution.Bias?
    let outputs: Int?
    let size: Int?
    let rate: Float?
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

  /// The committed numbers of the layers with a stride of 1 and no padding, and of the losses.
  static func layers() throws -> PyTorchOracle { try loadedLayers.get() }
  /// The committed numbers of stride, padding, pooling and batch normalization.
  static func options() throws -> PyTorchOracle { try loadedOptions.get() }

  private static let loadedLayers = Result { try read("pytorch_layers.json") }
  private static let loadedOptions = Result { try read("pytorch_options.json") }

  private static func read(_ name: String) throws -> PyTorchOracle {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Oracles/\(name)")
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

  /// Holds what a layer makes of x and dY, and its learned parameters' gradients, to what is expected.
  @discardableResult
  func compare(
    _ recipe: any Recipe, _ parameters: Parameters, mode: Pass.Mode = .inference,
    within tolerance: Double, threads: Int
  ) throws -> LayerRun {
    let run = try LayerRun(
      recipe, parameters, x: given("x"), dY: given("dY"), mode: mode, threads: threads)
    try expect(run.y, "y", within: tolerance)
    try expect(run.dX, "dX", within: tolerance)
    let names = ["weight": "dWeight", "bias": "dBias"]
    for (position, kind) in run.gradients.kinds.enumerated() where kind == .learned {
      try expect(
        run.gradients.tensors[position], #require(names[run.gradients.names[position]]),
        within: tolerance)
    }
    return run
  }
}

extension PyTorchOracle.Run {
  /// The network at the start.
  func network() throws -> Network {
    let recipes = try layers.map { try $0.recipe() }
    // Built only to hear which tensors each layer has.
    let layout = try Network(input: inputShape, seed: 1, recipes: recipes)
    var file = SafeTensors()
    for (name, _) in layout.namedParameters { try file.add(name, #require(given[name]).tensor) }
    var network = layout
    try network.setParameters(from: file)
    return network
  }

  /// The loss that becomes smaller.
  func lossFunction() throws -> any Loss { try PyTorchOracle.loss(named: loss) }
}

extension PyTorchOracle.RunLayer {
  fileprivate func recipe() throws -> any Recipe {
    switch layer {
    case "convolution":
      return Convolution(
        depth: try #require(depth), kernelHeight: try #require(kernelHeight),
        kernelWidth: try #require(kernelWidth), stride: stride ?? 1, padding: padding ?? 0,
        bias: try #require(bias))
    case "dense": return Dense(try #require(outputs))
    case "flatten": return Flatten()
    case "batchNormalization": return BatchNormalization()
    case "maxPooling": return MaxPooling(size: try #require(size), stride: stride)
    case "averagePooling":
      return AveragePooling(size: try #require(size), stride: stride)
    case "dropout": return Dropout(rate: try #require(rate))
    default: return try PyTorchOracle.activation(named: layer)
    }
  }
}

extension PyTorchOracle {
  static func activation(named name: String) throws -> any Recipe {
    let all: [String: any Recipe] = [
      "sigmoid": Sigmoid(), "tanh": Tanh(), "relu": ReLU(), "softmax": Softmax(),
    ]
    return try #require(all[name])
  }

  static func loss(named name: String) throws -> any Loss {
    let all: [String: any Loss] = [
      "binaryCrossEntropy": BinaryCrossEntropy(),
      "binaryCrossEntropyFromLogits": BinaryCrossEntropyWithLogits(),
      "categoricalCrossEntropy": CategoricalCrossEntropy(),
      "categoricalCrossEntropyFromLogits": CategoricalCrossEntropyWithLogits(),
      "meanSquaredError": MeanSquaredError(),
    ]
    return try #require(all[name])
  }
}
