import Starling
import Testing

@Suite("Batch normalization")
struct BatchNormalizationTests {
  private let learning = Pass.Mode.training(seed: 1)

  private func parameters(_ channels: Int) -> Parameters {
    Parameters([
      "weight": Tensor([channels], filledWith: 1), "bias": Tensor(zeros: [channels]),
      "running_mean": Tensor(zeros: [channels]),
      "running_var": Tensor([channels], filledWith: 1),
    ])
  }

  @Test("A fresh layer changes next to nothing at inference; two of its four tensors are learned")
  func fresh() throws {
    let network = try Network(input: [3, 4, 5], seed: 1) { BatchNormalization() }
    #expect(network.parameters[0].names == ["weight", "bias", "running_mean", "running_var"])
    #expect(network.parameters[0].kinds == [.learned, .learned, .statistic, .statistic])
    #expect(network.parameters[0].tensors.map(\.elements) == parameters(3).tensors.map(\.elements))
    #expect(network.parameterCount == 6)
    #expect(network.parameters[0].count == 12)
    let x = Tensor.random([2, 3, 4, 5], seed: 1)
    for (found, given) in zip(try network(x).elements, x.elements) {
      #expect(abs(found - given) <= 1e-5 * abs(given))
    }
  }

  @Test("In training each channel has the mean 0 and the variance 1, and an image far away counts")
  func training() throws {
    for shape in [[6, 3, 4, 5], [20, 4]] as [Shape] {
      // The first image is ten times as bright as the others.
      let first = shape.withoutBatch.count
      let random = Tensor.random(shape, seed: 2, scale: 3).elements.map { $0 + 7 }
      let x = try Tensor(
        shape,
        elements: random.enumerated().map { $0.offset < first ? 10 * $0.element : $0.element })
      let run = try LayerRun(
        BatchNormalization(epsilon: 1e-12), parameters(shape[1]), x: x, dY: x, mode: learning)
      for c in 0..<shape[1] {
        let values = run.y.channel(c)
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + $1 * $1 } / Double(values.count) - mean * mean
        #expect(abs(mean) < 1e-5 && abs(variance - 1) < 1e-5, "channel \(c) of \(shape)")
      }
    }
  }

  @Test("Of a single number a channel there is no variance: x̂ is 0 and the running one stays")
  func single() throws {
    let x = try Tensor([1, 3], elements: [4, -5, 1e30])
    var network = try Network(input: [3], seed: 1) {
      BatchNormalization()
      Dense(2)
      Softmax()
    }
    let run = try LayerRun(
      BatchNormalization(), network.parameters[0], x: x, dY: Tensor([1, 3], filledWith: 1),
      mode: learning)
    #expect(run.y.elements == [0, 0, 0])
    #expect(run.dX.elements == [0, 0, 0])
    var trainer = Trainer(loss: CategoricalCrossEntropy(), optimizer: SGD(learningRate: 0.1))
    try trainer.step(&network, images: x, targets: .oneHot(1, 2, seed: 1))
    #expect(network.parameters[0]["running_var"].elements == [1, 1, 1])
    for (found, given) in zip(network.parameters[0]["running_mean"].elements, x.elements) {
      #expect(abs(found - 0.1 * given) <= 1e-6 * abs(given))
    }
  }

  @Test("Numbers that are all the same, or huge, stay finite")
  func constant() throws {
    for value: Float in [0, 3, -1e18, 1e30] {
      let x = Tensor([4, 2, 3, 3], filledWith: value)
      let run = try LayerRun(
        BatchNormalization(), parameters(2), x: x, dY: .random([4, 2, 3, 3], seed: 1),
        mode: learning)
      #expect(run.y.elements.allSatisfy { $0 == 0 })
      #expect(run.dX.isFinite)
    }
  }

  @Test("No optimizer touches a statistic, and its positions count what is learned")
  func optimizer() throws {
    var network = try Network(input: [4], seed: 1) {
      BatchNormalization(momentum: 0.25)
      Dense(3)
      BatchNormalization()
      Dense(2)
      Softmax()
    }
    let start = network
    var trainer = Trainer(loss: CategoricalCrossEntropy(), optimizer: Recorder())
    let x = Tensor.random([8, 4], seed: 3).map { $0 + 1 }
    try trainer.step(&network, images: x, targets: .oneHot(8, 2, seed: 3))
    let recorder = try #require(trainer.optimizer as? Recorder)
    #expect(recorder.positions == [0, 1, 2, 3, 4, 5, 6, 7])
    #expect(recorder.shapes == [[4], [4], [3, 4], [3], [3], [3], [2, 3], [2]])
    // The recorder changes nothing; the statistics move all the same.
    for (position, (name, tensor)) in network.namedParameters.enumerated() {
      let isStatistic = name.contains("running")
      #expect((tensor != start.namedParameters[position].tensor) == isStatistic, "\(name)")
    }
    for c in 0..<4 {
      let mean = x.channel(c).reduce(0, +) / 8
      #expect(abs(Double(network.parameters[0]["running_mean"][c]) - 0.25 * mean) < 1e-6)
    }
  }

  @Test("A pass changes nothing: only the update moves statistics")
  func passes() throws {
    let network = try Network(input: [4], seed: 1) {
      BatchNormalization()
      Dense(2)
      Softmax()
    }
    let before = network
    let x = Tensor.random([8, 4], seed: 3)
    _ = try network(x)
    let checks = try network.checkGradients(
      loss: CategoricalCrossEntropy(), images: x, targets: .oneHot(8, 2, seed: 3), directions: 1)
    #expect(network == before)
    // Nothing is claimed of statistics.
    #expect(checks.map(\.parameter) == ["weight", "bias", "weight", "bias", "input"])
  }
}

/// Writes down what it is asked to change.
private struct Recorder: Optimizer {
  var positions: [Int] = []
  var shapes: [Shape] = []

  mutating func update(_ parameter: inout Tensor, with gradient: Tensor, at position: Int) {
    positions.append(position)
    shapes.append(parameter.shape)
  }

  func check() throws(TrainingError) {}
}

extension Tensor {
  /// The numbers of one channel, over the batch and all positions.
  fileprivate func channel(_ c: Int) -> [Double] {
    let area = count / (shape[0] * shape[1])
    return elements.indices.filter { $0 / area % shape[1] == c }.map { Double(elements[$0]) }
  }
}
