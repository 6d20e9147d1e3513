import Starling
import Testing

@Suite("The engine against PyTorch")
struct PyTorchOracleTests {
  @Test("Convolution, with every kind of bias", arguments: [1, 2])
  func convolution(threads: Int) throws {
    let cases = try PyTorchOracle.load().cases(of: "convolution")
    #expect(Set(cases.map(\.options.bias)) == ["none", "perChannel", "perPosition"])
    for oracle in cases {
      let parameters = try oracle.parameters
      let weight = parameters["weight"].shape
      let bias = try #require(oracle.options.bias.flatMap(Convolution.Bias.init))
      let recipe = Convolution(
        depth: weight[0], kernelHeight: weight[2], kernelWidth: weight[3], bias: bias)
      try compare(recipe, parameters, oracle, within: 1e-6, threads: threads)
    }
  }

  @Test("Dense", arguments: [1, 2])
  func dense(threads: Int) throws {
    // The engine's dense layer always has a bias.
    let cases = try PyTorchOracle.load().cases(of: "dense").filter { $0.options.bias != "none" }
    try #require(cases.count >= 5)
    for oracle in cases {
      let parameters = try oracle.parameters
      let recipe = Dense(parameters["weight"].shape[0])
      try compare(recipe, parameters, oracle, within: 1e-6, threads: threads)
    }
  }

  @Test("Activations", arguments: ["sigmoid", "tanh", "relu", "softmax"])
  func activation(name: String) throws {
    for oracle in try PyTorchOracle.load().cases(of: name) {
      let recipe = try activation(named: name)
      for threads in [1, 2] {
        try compare(recipe, .none, oracle, within: 1e-6, threads: threads)
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
    for oracle in try PyTorchOracle.load().cases(of: name) {
      let loss = try loss(named: name)
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

  @Test("Ten steps of training, loss by loss and parameter by parameter", arguments: [1, 2])
  func training(threads: Int) throws {
    let runs = try PyTorchOracle.load().runs
    try #require(runs.count == 3)
    for run in runs {
      var network = try network(of: run)
      let start = network
      var trainer = Trainer(
        loss: try loss(named: run.loss), optimizer: SGD(learningRate: run.learningRate),
        batchSize: run.batchSize, threads: Threads(threads))
      let images = try #require(run.given["images"]).tensor
      let targets = try #require(run.given["targets"]).tensor
      var losses: [Double] = []
      for step in 0..<run.steps {
        let batch = step * run.batchSize..<(step + 1) * run.batchSize
        trainer.progress = TrainingProgress()
        try trainer.step(
          &network, images: images.samples(batch), targets: targets.samples(batch))
        losses.append(trainer.progress.error)
      }
      let expected = try #require(run.expected["losses"]).values
      for (step, (found, expected)) in zip(losses, expected).enumerated() {
        #expect(abs(found - expected) <= 1e-5 * expected, "\(run.name), step \(step)")
      }
      #expect(losses.count == expected.count)

      for (position, (name, final)) in network.namedParameters.enumerated() {
        // It is the way gone that counts: the parameters themselves would agree without learning.
        let begin = start.namedParameters[position].tensor
        let way = try movement(from: begin.elements.map(Double.init), to: final.elements)
        let goal = try #require(run.expected[name])
        let expectedWay = zip(goal.values, begin.elements).map { $0 - Double($1) }
        let error = try PyTorchOracle.Numbers(shape: goal.shape, values: expectedWay)
          .relativeError(of: way)
        #expect(error <= 1e-4, "\(run.name), \(name)")
      }
    }
  }

  private func movement(from start: [Double], to end: [Float]) throws -> [Double] {
    try #require(start.count == end.count)
    return zip(end, start).map { Double($0) - $1 }
  }

  private func compare(
    _ recipe: any Recipe, _ parameters: Parameters, _ oracle: PyTorchOracle.Case,
    within tolerance: Double, threads: Int
  ) throws {
    let run = try LayerRun(
      recipe, parameters, x: oracle.given("x"), dY: oracle.given("dY"), threads: threads)
    try oracle.expect(run.y, "y", within: tolerance)
    try oracle.expect(run.dX, "dX", within: tolerance)
    let names = ["weight": "dWeight", "bias": "dBias"]
    for (name, gradient) in zip(run.gradients.names, run.gradients.tensors) {
      try oracle.expect(gradient, #require(names[name]), within: tolerance)
    }
  }

  private func network(of run: PyTorchOracle.Run) throws -> Network {
    var recipes: [any Recipe] = []
    var parameters: [Parameters] = []
    for (position, layer) in run.layers.enumerated() {
      switch layer.layer {
      case "convolution":
        recipes.append(
          Convolution(
            depth: try #require(layer.depth), kernelHeight: try #require(layer.kernelHeight),
            kernelWidth: try #require(layer.kernelWidth), bias: try #require(layer.bias)))
      case "dense": recipes.append(Dense(try #require(layer.outputs)))
      case "flatten": recipes.append(Flatten())
      default: recipes.append(try activation(named: layer.layer))
      }
      if let weight = run.given["\(position).weight"], let bias = run.given["\(position).bias"] {
        parameters.append(Parameters(["weight": try weight.tensor, "bias": try bias.tensor]))
      } else {
        parameters.append(.none)
      }
    }
    return try Network(input: run.inputShape, recipes: recipes, parameters: parameters)
  }

  private func activation(named name: String) throws -> any Recipe {
    let all: [String: any Recipe] = [
      "sigmoid": Sigmoid(), "tanh": Tanh(), "relu": ReLU(), "softmax": Softmax(),
    ]
    return try #require(all[name])
  }

  private func loss(named name: String) throws -> any Loss {
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
