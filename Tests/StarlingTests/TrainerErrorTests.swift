import Foundation
import Starling
import Testing

@Suite("Training that cannot start, or cannot go on")
struct TrainerErrorTests {
  @Test("Numbers that run away stop training, and nothing has changed")
  func nonFinite() throws {
    let data = try Dataset.stripes(12)
    var network = try Network(input: [1, 6, 5], seed: 1) {
      Flatten()
      Dense(8)
      ReLU()
      Dense(3)
    }
    let start = network
    var trainer = Trainer(
      loss: MeanSquaredError(), optimizer: CountingSGD(rate: 1e30), batchSize: 2)
    let error = #expect(throws: TrainingError.self) { try trainer.epoch(&network, on: data) }
    #expect(error == .nonFinite(place: "layer 3 (Dense)", epoch: 1))
    #expect(
      error?.description
        == "layer 3 (Dense): a number became infinite or NaN in epoch 1; the network is as it was "
        + "before this epoch: train on with a smaller learning rate")
    #expect(network == start)
    #expect(trainer.progress == TrainingProgress())
    #expect((trainer.optimizer as? CountingSGD)?.steps == 0)

    // With a smaller rate it goes on from there.
    trainer.optimizer = SGD(learningRate: 0.01)
    #expect(try trainer.epoch(&network, on: data).epoch == 1)
  }

  @Test(
    "Progress that no training can have come to is not read",
    arguments: [
      "{\"epoch\":-1,\"imagesSeen\":0,\"errorSum\":0,\"correct\":0}",
      "{\"epoch\":1,\"imagesSeen\":-3,\"errorSum\":0,\"correct\":0}",
      "{\"epoch\":1,\"imagesSeen\":3,\"errorSum\":0,\"correct\":4}",
    ])
  func editedProgress(_ json: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(TrainingProgress.self, from: Data(json.utf8))
    }
  }

  @Test("Numbers that run away only in the epoch's last step are found as well")
  func nonFiniteAtTheEnd() throws {
    let data = try Dataset.stripes(4)
    var network = try Network.small()
    let start = network
    var trainer = Trainer(
      loss: CategoricalCrossEntropy(), optimizer: CountingSGD(rate: .infinity),
      batchSize: 4)
    let error = #expect(throws: TrainingError.self) { try trainer.epoch(&network, on: data) }
    #expect(error == .nonFinite(place: "layer 0 (Convolution)", epoch: 1))
    #expect(network == start)
    #expect(trainer.progress == TrainingProgress())
  }

  @Test("An error that a loss of one's own throws in a later step leaves everything as it was")
  func lossThatThrows() throws {
    let data = try Dataset.stripes(10)
    var network = try Network.small()
    let start = network
    // The last step has two images.
    var trainer = Trainer(loss: WholeBatchesOnly(), optimizer: CountingSGD(rate: 0.1), batchSize: 4)
    let error = #expect(throws: ShapeError.self) { try trainer.epoch(&network, on: data) }
    #expect(error?.description.contains("whole batches only") == true)
    #expect(network == start && network.bits == start.bits)
    #expect(network.classNames == nil)
    #expect(trainer.progress == TrainingProgress())
    #expect((trainer.optimizer as? CountingSGD)?.steps == 0)
  }

  @Test("A parameter that is no number is found in the layer that has it, and stops one step")
  func nonFiniteParameter() throws {
    let sound = try Network.small()
    for (position, place) in [(0, "layer 0 (Convolution)"), (3, "layer 3 (Dense)")] {
      for poison in [Float.nan, .infinity] {
        var parameters = sound.parameters
        parameters[position].tensors[0] = parameters[position].tensors[0].map { _ in poison }
        var network = try Network(
          input: sound.inputShape, recipes: sound.recipes, parameters: parameters)
        let before = network.bits
        var trainer = Trainer(loss: CategoricalCrossEntropy(), optimizer: SGD(learningRate: 0.1))
        let error = #expect(throws: TrainingError.self) {
          try trainer.step(
            &network, images: .random([2, 1, 6, 5], seed: 1), targets: .oneHot(2, 3, seed: 1))
        }
        // A Tanh brings infinity back to 1; then the fault shows in the layer all the same.
        #expect(error == .nonFinite(place: place, epoch: 1), "\(place), \(poison)")
        #expect(network.bits == before)
        #expect(trainer.progress == TrainingProgress())
      }
    }
  }

  @Test("Images that are no numbers are named as the cause")
  func nonFiniteImages() throws {
    var network = try Network.small()
    var trainer = Trainer(loss: CategoricalCrossEntropy(), optimizer: SGD(learningRate: 0.1))
    let error = #expect(throws: TrainingError.self) {
      try trainer.step(
        &network, images: Tensor([1, 1, 6, 5], filledWith: .nan), targets: .oneHot(1, 3, seed: 1))
    }
    #expect(error == .nonFinite(place: "the images", epoch: 1))
  }

  @Test("Batch sizes below 1", arguments: [0, -1, .min])
  func batchSize(size: Int) throws {
    let trainer = Trainer(
      loss: CategoricalCrossEntropy(), optimizer: SGD(learningRate: 0.1), batchSize: size)
    try expect("batch size: expected 1 or more, got \(size); 1 is the deck's", trainer)
  }

  @Test("A batch for which the machine has not the memory")
  func hugeBatch() throws {
    var network = try Network(input: [1, 6, 5], seed: 1) {
      Convolution(depth: 100_000, kernelSize: 3)
      ReLU()
      Convolution(depth: 3, kernelHeight: 4, kernelWidth: 3)
      Flatten()
      Softmax()
    }
    let start = network
    // The first convolution's outputs and their gradients are 9.6 MB an image.
    let images = Int(ProcessInfo.processInfo.physicalMemory / 9_600_000) + 100
    var trainer = Trainer(
      loss: CategoricalCrossEntropy(), optimizer: SGD(learningRate: 0.1), batchSize: images)
    let error = #expect(throws: TrainingError.self) {
      try trainer.epoch(&network, on: .stripes(images))
    }
    let text = "\(try #require(error))"
    #expect(text.hasPrefix("batch size: expected one whose activations and gradients fit into"))
    #expect(text.contains("got \(images), which takes "))
    #expect(text.hasSuffix(" GB; take fewer images at a time"))
    #expect(network == start)
    let work = Network.PlanWork.training(trainer.loss)
    #expect(try network.planSummary(for: work, batchSize: images) != nil)
    #expect(throws: TrainingError.self) {
      try network.planSummary(for: work, batchSize: images, isMeasured: true)
    }
  }

  @Test("Learning rates that are no positive number", arguments: [0, -0.1, .nan, .infinity])
  func learningRate(rate: Float) throws {
    let trainer = Trainer(loss: CategoricalCrossEntropy(), optimizer: SGD(learningRate: rate))
    try expect(
      "learning rate: expected a positive number, got \(rate); 0.1 is the deck's", trainer)
  }

  @Test("Data that do not fit the network")
  func data() throws {
    let trainer = Trainer(loss: CategoricalCrossEntropy(), optimizer: SGD(learningRate: 0.1))
    try expect(
      "data set, images: expected 1×6×5, the network's input, got 1×5×6; "
        + "build the network for the data's images",
      trainer, .stripes(4, shape: [1, 5, 6]))
    try expect(
      "layer 4 (Softmax), outputs: expected 2, one for each class of the data, got 3; "
        + "end the network with Dense(2) and an activation",
      trainer, .stripes(4, classes: 2))
    try expect(
      "the data set has no image; choose classes that it has", trainer, .stripes(0))
    let volume = try Network(input: [1, 6, 5], seed: 1) { Convolution(depth: 3, kernelSize: 5) }
    try expect(
      "layer 0 (Convolution), outputs: expected 6, one for each class of the data, got 3×2×1; "
        + "end the network with Dense(6) and an activation",
      trainer, .stripes(4, classes: 6), volume)
  }

  @Test("Other classes than the network was taught")
  func classNames() throws {
    var network = try Network.small()
    network.classNames = ["cat", "dog", "owl"]
    let trainer = Trainer(loss: CategoricalCrossEntropy(), optimizer: SGD(learningRate: 0.1))
    try expect(
      "the network tells cat, dog, owl apart, but the data's classes are stripe 0, stripe 1, "
        + "stripe 2; choose the same classes in the same order, or set network.classNames to nil to "
        + "teach it anew", trainer, .stripes(4), network)
  }

  /// Expects an error of exactly this text from an epoch, and that nothing has changed.
  private func expect(
    _ message: String, _ trainer: Trainer, _ data: Dataset? = nil, _ network: Network? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    var trainer = trainer
    var network = try network ?? .small()
    let before = network
    let data = try data ?? .stripes(4)
    let error = #expect(throws: (any Error).self, sourceLocation: sourceLocation) {
      try trainer.epoch(&network, on: data)
    }
    #expect((error as? any StarlingError)?.description == message, sourceLocation: sourceLocation)
    #expect(network == before, sourceLocation: sourceLocation)
    #expect(trainer.progress == TrainingProgress(), sourceLocation: sourceLocation)
  }
}

/// A loss that takes four images, and no other number.
private struct WholeBatchesOnly: Loss {
  func error(of prediction: Tensor, for target: Tensor) throws(ShapeError) -> Double {
    guard prediction.shape[0] == 4 else {
      throw ShapeError(
        place: "whole batches only", axis: "batch", expected: "4", found: "\(prediction.shape[0])",
        remedy: "leave the last images out")
    }
    return try MeanSquaredError().error(of: prediction, for: target)
  }

  func gradient(of prediction: Tensor, for target: Tensor) throws(ShapeError) -> Tensor {
    try MeanSquaredError().gradient(of: prediction, for: target)
  }
}

/// Gradient descent that remembers how often it was called, and checks no setting.
private struct CountingSGD: Optimizer {
  var rate: Float
  var steps = 0

  init(rate: Float) { self.rate = rate }

  mutating func update(_ parameter: inout Tensor, with gradient: Tensor, at position: Int) {
    var sgd = SGD(learningRate: rate)
    sgd.update(&parameter, with: gradient, at: position)
    steps += 1
  }

  func check() {}
}
