import Starling
import Testing

@Suite("The engine against PyTorch")
struct PyTorchOracleTests {
  @Test("Convolution, with every kind of bias", arguments: [1, 2])
  func convolution(threads: Int) throws {
    let cases = try PyTorchOracle.layers().cases(of: "convolution")
    #expect(Set(cases.map(\.options.bias)) == ["none", "perChannel", "perPosition"])
    for oracle in cases {
      let parameters = try oracle.parameters
      let weight = parameters["weight"].shape
      let bias = try #require(oracle.options.bias.flatMap(Convolution.Bias.init))
      let recipe = Convolution(
        depth: weight[0], kernelHeight: weight[2], kernelWidth: weight[3], bias: bias)
      try oracle.compare(recipe, parameters, within: 1e-6, threads: threads)
    }
  }

  @Test("Dense", arguments: [1, 2])
  func dense(threads: Int) throws {
    // The engine's dense layer always has a bias.
    let cases = try PyTorchOracle.layers().cases(of: "dense").filter { $0.options.bias != "none" }
    try #require(cases.count >= 5)
    for oracle in cases {
      let parameters = try oracle.parameters
      let recipe = Dense(parameters["weight"].shape[0])
      try oracle.compare(recipe, parameters, within: 1e-6, threads: threads)
    }
  }

  @Test("Activations", arguments: ["sigmoid", "tanh", "relu", "softmax"])
  func activation(name: String) throws {
    for oracle in try PyTorchOracle.layers().cases(of: name) {
      let recipe = try PyTorchOracle.activation(named: name)
      for threads in [1, 2] {
        try oracle.compare(recipe, .none, within: 1e-6, threads: threads)
      }
    }
  }

  @Test(
    "Losses, and their gradients",
    arguments: [
      "binaryCrossEntropy", "binaryCrossEntropyFromLogits", "categoricalCrossEntropy",
      "categoricalCrossEntropyFromLogits", "meanSquaredError",
    ])
  func loss(name: String) throws {
    for oracle in try PyTorchOracle.layers().cases(of: name) {
      let loss = try PyTorchOracle.loss(named: name)
      let (x, target) = (try oracle.given("x"), try oracle.given("target"))
      let error = try loss.error(of: x, for: target)
      let expected = try #require(oracle.expected["loss"])
      #expect(try expected.relativeError(of: [error]) <= 1e-6, "\(oracle.name), loss")
      // Where the slope is infinite nothing is expected of it.
      if oracle.expected["dX"] != nil {
        try oracle.expect(try loss.gradient(of: x, for: target), "dX", within: 1e-6)
      }
    }
  }
}
