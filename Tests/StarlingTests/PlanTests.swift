import Starling
import Testing

/// A planned network against the same one run layer by layer.
@Suite struct PlanTests {
  /// Networks of every kind of neighbours that plans fuse, and of odd sizes.
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let input: Shape
    let recipes: [any Recipe]
    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(
      name: "the deck's network", input: [1, 28, 28],
      recipes: Preset.zeroOne.recipes(classes: 2)),
    Case(
      name: "dense layers alone, of odd sizes", input: [1, 7, 5],
      recipes: [Flatten(), Dense(37), Tanh(), Dense(13), ReLU(), Dense(3), Sigmoid()]),
    Case(
      name: "rows with one bias a map and two channels", input: [2, 21, 19],
      recipes: [
        Convolution(depth: 3, kernelSize: 3), Tanh(), Flatten(), Dense(4), Softmax(),
      ]),
    Case(
      name: "rows without a bias, padded, 5×4", input: [3, 20, 31],
      recipes: [
        Convolution(
          depth: 2, kernelHeight: 5, kernelWidth: 4, padding: 2, bias: .none), ReLU(),
        Flatten(), Dense(5), Sigmoid(),
      ]),
    Case(name: "LeNet-5", input: [1, 28, 28], recipes: Preset.lenet5.recipes(classes: 10)),
    Case(name: "Keras' convnet", input: [1, 28, 28], recipes: Preset.convnet.recipes(classes: 10)),
    Case(
      name: "a small VGG", input: [3, 16, 16],
      recipes: [
        Convolution(depth: 17, kernelSize: 3, padding: 1, bias: .none), BatchNormalization(),
        ReLU(),
        Convolution(depth: 32, kernelSize: 3, padding: 1, bias: .none), BatchNormalization(),
        ReLU(),
        MaxPooling(), Convolution(depth: 48, kernelSize: 3, padding: 1), BatchNormalization(),
        ReLU(),
        MaxPooling(), Flatten(), Dense(10), Softmax(),
      ]),
    Case(
      name: "strides, odd sizes, average pooling", input: [2, 23, 17],
      recipes: [
        Convolution(depth: 7, kernelSize: 5, stride: 2, padding: 2), ReLU(),
        AveragePooling(size: 2), Convolution(depth: 20, kernelHeight: 2, kernelWidth: 3), Sigmoid(),
        MaxPooling(size: 2, stride: 1), Flatten(), Dense(6), Softmax(),
      ]),
  ]

  private func images(_ shape: Shape, _ batch: Int) -> Tensor {
    var random = SeededGenerator(seed: 5)
    return Tensor(zeros: shape.batched(batch)).map { _ in Float(random.uniform()) }
  }

  /// A network whose statistics and biases are not what they start as.
  private func network(_ c: Case) throws -> Network {
    var parameters = try Network(input: c.input, seed: 3, recipes: c.recipes).parameters
    var random = SeededGenerator(seed: 9)
    for layer in parameters.indices {
      for (index, name) in parameters[layer].names.enumerated() where name != "weight" {
        let spread: Float = name == "running_var" ? 1 : 0.2
        parameters[layer].tensors[index] = parameters[layer].tensors[index].map {
          $0 + Float(random.uniform()) * spread
        }
      }
    }
    return try Network(input: c.input, recipes: c.recipes, parameters: parameters)
  }

  @Test(
    "predictions of a plan are those of the layers, to 1e-5 of the largest", arguments: cases,
    [1, 3, 16, 37])
  func inference(_ c: Case, batch: Int) throws {
    let network = try network(c)
    #expect(network.isPlanned(batch: batch))
    let x = images(c.input, batch)
    for threads in [1, 2, 3] {
      let planned = try network(x, threads: Threads(threads))
      let plain = network.outputsLayerByLayer(x)
      #expect(distance(planned, plain) <= 1e-5)
    }
  }

  @Test(
    "more threads than a run can have change nothing, and take no more memory",
    arguments: [1_000_000, .max])
  func manyThreads(_ count: Int) throws {
    let start = try network(Self.cases[0])
    let x = images(start.inputShape, 3)
    #expect(try start(x, threads: Threads(count)) == start(x, threads: Threads(1)))
    for work in [Network.PlanWork.inference, .training(BinaryCrossEntropy())] {
      let sizes = try [Threads(count), Threads(256)].map { threads in
        try #require(try start.planSummary(for: work, batchSize: 3, threads: threads))
          .workspaceBytes
      }
      #expect(sizes[0] == sizes[1])
    }
    let targets = try Tensor([3, 2], elements: [1, 0, 0, 1, 1, 0])
    let learned = try [count, 1].map { threads in
      var network = start
      var trainer = Trainer(
        loss: BinaryCrossEntropy(), optimizer: SGD(learningRate: 0.1), threads: Threads(threads))
      try trainer.step(&network, images: x, targets: targets)
      return network
    }
    #expect(learned[0].bits == learned[1].bits)
  }

  @Test("an image's outputs have the same bits in any batch", arguments: cases)
  func batches(_ c: Case) throws {
    let network = try network(c)
    let x = images(c.input, 37)
    let whole = try network(x)
    for image in [0, 17, 36] {
      let size = c.input.count
      let alone = try network(
        Tensor(c.input.batched(1), elements: Array(x.elements[image * size..<(image + 1) * size])))
      let outputs = whole.shape[1]
      #expect(Array(whole.elements[image * outputs..<(image + 1) * outputs]) == alone.elements)
    }
  }

  @Test(
    "steps of training by a plan change the parameters as the layers do", arguments: cases,
    [1, 2, 16, 21])
  func training(_ c: Case, batch: Int) throws {
    var (planned, plain) = (try network(c), try network(c))
    let x = images(c.input, batch)
    let outputs = planned.outputShape.count
    let targets = try Tensor(
      [batch, outputs],
      elements: (0..<batch * outputs).map { $0 % outputs == ($0 / outputs) % outputs ? 1 : 0 })
    let loss: any Loss =
      c.recipes.last is Softmax ? CategoricalCrossEntropy() : BinaryCrossEntropy()
    for threads in [1, 2, 3] {
      var one = Trainer(
        loss: loss, optimizer: SGD(learningRate: 0.05), batchSize: batch, threads: Threads(threads))
      var other = one
      #expect(one.isPlanned(planned, batch: batch))
      try one.step(&planned, images: x, targets: targets)
      try other.stepLayerByLayer(&plain, images: x, targets: targets)
      #expect(
        abs(one.progress.error - other.progress.error) <= 1e-5 * max(1e-3, other.progress.error))
      for (mine, theirs) in zip(planned.namedParameters, plain.namedParameters) {
        #expect(distance(mine.tensor, theirs.tensor) <= 2e-5, "\(mine.name)")
      }
    }
  }

  @Test("no gradient is computed that nobody asks for", arguments: [3, 16])
  func firstLayer(batch: Int) throws {
    let beginnings: [[any Recipe]] = [
      [BatchNormalization()], [ReLU(), BatchNormalization()],
      [MaxPooling(), BatchNormalization()], [Convolution(depth: 4, kernelSize: 3)],
      [Convolution(depth: 16, kernelSize: 3), MaxPooling()],
    ]
    for beginning in beginnings {
      let recipes = beginning + [Flatten(), Dense(3), Softmax()]
      let network = try Network(input: [12, 20, 20], seed: 1, recipes: recipes)
      let plan = try #require(
        try network.planSummary(for: .training(CategoricalCrossEntropy()), batchSize: batch))
      // The dense layer's own is needed by what comes before it.
      let needless = plan.steps.filter {
        !$0.layers.contains("Dense") && ($0.task.contains("dE/dx") || $0.task.contains("dE/dX"))
      }
      #expect(needless.isEmpty, "\(beginning): \(needless.map { ($0.layers, $0.task) })")
    }
  }
}
