import Starling
import Testing

@Suite("Stride, padding, pooling and batch normalization against PyTorch")
struct PyTorchOptionsTests {
  @Test("Convolution with stride and padding, with every kind of bias", arguments: [1, 2])
  func convolution(threads: Int) throws {
    let cases = try PyTorchOracle.options().cases(of: "convolution")
    #expect(Set(cases.map(\.options.bias)) == ["none", "perChannel", "perPosition"])
    #expect(Set(cases.map(\.options.stride)) == [1, 2, 3])
    #expect(Set(cases.map(\.options.padding)) == [0, 1, 2])
    for oracle in cases {
      let parameters = try oracle.parameters
      let weight = parameters["weight"].shape
      let recipe = Convolution(
        depth: weight[0], kernelHeight: weight[2], kernelWidth: weight[3],
        stride: try #require(oracle.options.stride), padding: try #require(oracle.options.padding),
        bias: try #require(oracle.options.bias.flatMap(Convolution.Bias.init)))
      try oracle.compare(recipe, parameters, within: 1e-6, threads: threads)
    }
  }

  @Test("Pooling of windows that touch, overlap and leave gaps, ties included", arguments: [1, 2])
  func pooling(threads: Int) throws {
    for oracle in try PyTorchOracle.options().cases(of: "maxPooling") {
      let recipe = MaxPooling(
        size: try #require(oracle.options.size), stride: oracle.options.stride)
      try oracle.compare(recipe, .none, within: 1e-6, threads: threads)
    }
    for oracle in try PyTorchOracle.options().cases(of: "averagePooling") {
      let recipe = AveragePooling(
        size: try #require(oracle.options.size), stride: oracle.options.stride)
      try oracle.compare(recipe, .none, within: 1e-6, threads: threads)
    }
  }

  @Test("Batch normalization in training and in inference", arguments: [1, 2])
  func normalization(threads: Int) throws {
    for oracle in try PyTorchOracle.options().cases(of: "batchNormalization") {
      let isTraining = oracle.options.mode == "training"
      let parameters = Parameters([
        "weight": try oracle.given("weight"), "bias": try oracle.given("bias"),
        "running_mean": try oracle.given("running_mean"),
        "running_var": try oracle.given("running_var"),
      ])
      let recipe = BatchNormalization(
        momentum: try #require(oracle.options.momentum),
        epsilon: try #require(oracle.options.epsilon))
      let run = try oracle.compare(
        recipe, parameters, mode: isTraining ? .training(seed: 1) : .inference, within: 5e-6,
        threads: threads)
      for name in ["running_mean", "running_var"] {
        let gradient = run.gradients[name]
        if isTraining {
          let before = parameters[name].elements
          let moved = zip(before, gradient.elements).map { $0 - $1 }
          try oracle.expect(Tensor(gradient.shape, elements: moved), name, within: 1e-6)
        } else {
          #expect(gradient.elements.allSatisfy { $0 == 0 }, "\(oracle.name), \(name)")
        }
      }
    }
  }

  @Test("Running mean and variance, step after step")
  func statistics() throws {
    let oracle = try #require(
      try PyTorchOracle.options().cases(of: "batchNormalizationSteps").first)
    let x = try oracle.given("x")
    var network = try Network(
      input: x.shape.withoutBatch.withoutBatch, seed: 1,
      recipes: [BatchNormalization(), Flatten(), Dense(2), Softmax()])
    var trainer = Trainer(loss: CategoricalCrossEntropy(), optimizer: SGD(learningRate: 0.1))
    var running: [String: [Float]] = [:]
    for step in 0..<x.shape[0] {
      let batch = try x.samples(step..<step + 1).reshaped(x.shape.withoutBatch)
      try trainer.step(
        &network, images: batch, targets: .oneHot(batch.shape[0], 2, seed: UInt64(step)))
      for name in ["running_mean", "running_var"] {
        running[name, default: []] += network.parameters[0][name].elements
      }
    }
    for (name, found) in running {
      try oracle.expect(Tensor([x.shape[0], x.shape[2]], elements: found), name, within: 1e-6)
    }
    #expect(running.count == 2)
  }
}
