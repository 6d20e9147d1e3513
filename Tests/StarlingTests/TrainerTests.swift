import Starling
import Testing

@Suite("Training")
struct TrainerTests {
  @Test("The error falls, and the classes are learned")
  func learns() throws {
    let data = try Dataset.stripes(60)
    var network = try Network.small()
    var trainer = Trainer(
      loss: CategoricalCrossEntropy(), optimizer: SGD(learningRate: 0.5), batchSize: 4)
    let first = try trainer.epoch(&network, on: data)
    var last = first
    for _ in 0..<10 { last = try trainer.epoch(&network, on: data) }
    #expect(last.error < 0.2 * first.error)
    #expect(first.epoch == 1 && last.epoch == 11)
    #expect(last.accuracy > 0.95)
    let fresh = try network.evaluate(on: .stripes(50, seed: 2), loss: CategoricalCrossEntropy())
    #expect(fresh.accuracy > 0.9)
    #expect(network.classNames == data.classNames)
    #expect(network.preprocessing == data.preprocessing)
  }

  @Test("One epoch in the data's order is the same as its steps by hand")
  func manualSteps() throws {
    // Seven images in batches of three: the last step takes one.
    let data = try Dataset.stripes(7)
    let start = try Network.small()
    var trainer = Trainer(
      loss: CategoricalCrossEntropy(), optimizer: SGD(learningRate: 0.1), batchSize: 3,
      keepsOrder: true)
    var byHand = trainer
    var network = start
    var seen: [Int] = []
    let report = try trainer.epoch(&network, on: data) { seen.append($0.imagesSeen) }
    #expect(seen == [3, 6, 7])

    var other = start
    other.classNames = data.classNames
    other.preprocessing = data.preprocessing
    for batch in [0..<3, 3..<6, 6..<7] {
      try byHand.step(&other, images: data.images(batch), targets: data.targets(batch))
    }
    #expect(network == other)
    #expect(network.bits != start.bits)
    #expect(report.error == byHand.progress.error)
    #expect(byHand.progress.imagesSeen == 7)
    #expect(trainer.progress.epoch == 1 && trainer.progress.imagesSeen == 0)

    // Without keepsOrder the order is another, in each epoch and for each seed.
    var orders: Set<[Int]> = [Array(0..<7)]
    for seed in [1, 2] as [UInt64] {
      let order = try self.order(of: data, seed: seed, epochs: 2)
      #expect(order.count == 14)
      #expect(order.prefix(7).sorted() == Array(0..<7) && order.suffix(7).sorted() == Array(0..<7))
      orders.insert(Array(order.prefix(7)))
      orders.insert(Array(order.suffix(7)))
    }
    #expect(orders.count == 5)
  }

  /// In what order a trainer takes the images, each by itself.
  private func order(of data: Dataset, seed: UInt64, epochs: Int) throws -> [Int] {
    // What the first weights' gradient is tells which image it was.
    var network = try Network.small()
    var trainer = Trainer(
      loss: CategoricalCrossEntropy(), optimizer: CountingOptimizer(), batchSize: 1, seed: seed)
    for _ in 0..<epochs { _ = try trainer.epoch(&network, on: data) }
    let gradients = try firstGradients(of: trainer)

    var ordered = Trainer(
      loss: CategoricalCrossEntropy(), optimizer: CountingOptimizer(), batchSize: 1,
      keepsOrder: true)
    _ = try ordered.epoch(&network, on: data)
    let known = try firstGradients(of: ordered)
    return gradients.compactMap { known.firstIndex(of: $0) }
  }

  private func firstGradients(of trainer: Trainer) throws -> [[Float]] {
    let optimizer = try #require(trainer.optimizer as? CountingOptimizer)
    return zip(optimizer.positions, optimizer.gradients).filter { $0.0 == 0 }.map(\.1)
  }

  @Test("A batch as large as can be asked for is the whole data set, also after a resume")
  func wholeBatch() throws {
    let data = try Dataset.stripes(7)
    var network = try Network.small()
    var trainer = Trainer(
      loss: CategoricalCrossEntropy(), optimizer: SGD(learningRate: 0.1), batchSize: .max)
    try trainer.step(&network, images: data.images([0, 1]), targets: data.targets([0, 1]))
    var steps: [Int] = []
    _ = try trainer.epoch(&network, on: data) { steps.append($0.imagesSeen) }
    _ = try trainer.epoch(&network, on: data) { steps.append($0.imagesSeen) }
    #expect(steps == [7, 7])
  }

  @Test("The optimizer is called once a step for each tensor, in order, when the pass is over")
  func optimizerCalls() throws {
    let data = try Dataset.stripes(5)
    var network = try Network.small()
    let start = network
    var trainer = Trainer(
      loss: CategoricalCrossEntropy(), optimizer: CountingOptimizer(), batchSize: 2,
      keepsOrder: true)
    _ = try trainer.epoch(&network, on: data)
    let optimizer = try #require(trainer.optimizer as? CountingOptimizer)
    let shapes = start.namedParameters.map(\.tensor.shape)
    #expect(shapes.count == 4)
    #expect(optimizer.positions == [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3])
    #expect(optimizer.shapes == shapes + shapes + shapes)
    // It left the parameters alone, and nothing else may change them.
    #expect(network.bits == start.bits)
    // With parameters that stay as they are, the gradients of each step are the batch's alone.
    var repeated = Trainer(
      loss: CategoricalCrossEntropy(), optimizer: CountingOptimizer(), batchSize: 2)
    for _ in 0..<2 {
      try repeated.step(&network, images: data.images([0, 1]), targets: data.targets([0, 1]))
    }
    let twice = try #require(repeated.optimizer as? CountingOptimizer)
    #expect(twice.gradients.count == 8)
    #expect(Array(twice.gradients.prefix(4)) == Array(twice.gradients.suffix(4)))
    #expect(twice.gradients[0].contains { $0 != 0 })
  }

  @Test("A trainer may turn to a network of other sizes")
  func otherNetwork() throws {
    var trainer = Trainer(loss: MeanSquaredError(), optimizer: SGD(learningRate: 0.1))
    for size in [3, 5, 2] {
      var network = try Network(input: [size], seed: 1) { Dense(2) }
      let images = Tensor.random([4, size], seed: 1)
      let targets = Tensor.random([4, 2], seed: 2)
      var fresh = Trainer(loss: MeanSquaredError(), optimizer: SGD(learningRate: 0.1))
      var expected = network
      try fresh.step(&expected, images: images, targets: targets)
      try trainer.step(&network, images: images, targets: targets)
      #expect(network == expected)
    }
  }
}

/// An optimizer that changes nothing and remembers everything.
private struct CountingOptimizer: Optimizer {
  var positions: [Int] = []
  var shapes: [Shape] = []
  var gradients: [[Float]] = []

  mutating func update(_ parameter: inout Tensor, with gradient: Tensor, at position: Int) {
    positions.append(position)
    shapes.append(parameter.shape)
    gradients.append(gradient.elements)
  }

  func check() {}
}
