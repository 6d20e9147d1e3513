import Starling
import Testing

/// Whole epochs by plans: with copies of parameters that are kept over many steps, a last batch that is smaller,
/// an end in the middle, and any number of threads.
@Suite("Epochs by plans")
struct PlannedEpochTests {
  /// A network, and how many images a step and an epoch have.
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let input: Shape
    let recipes: [any Recipe]
    let loss: any Loss
    let batch, images: Int
    var testDescription: String { name }

    init(_ preset: Preset, batch: Int, images: Int) {
      name = "\(preset) by \(batch)"
      input = preset.inputShape
      recipes = preset.recipes(classes: 3)
      loss = preset.loss
      (self.batch, self.images) = (batch, images)
    }

    init(
      _ name: String, _ input: Shape, _ recipes: [any Recipe], batch: Int, images: Int
    ) {
      self.name = "\(name) by \(batch)"
      self.input = input
      self.recipes = recipes
      loss = CategoricalCrossEntropy()
      (self.batch, self.images) = (batch, images)
    }

    func network() throws -> Network {
      try Network(input: input, seed: 3, recipes: recipes).unsettled(seed: 4)
    }

    func data() throws -> Dataset { try .stripes(images, shape: input) }

    func trainer(_ optimizer: any Optimizer = SGD(learningRate: 0.02), threads: Int = 2) -> Trainer
    {
      Trainer(
        loss: loss, optimizer: optimizer, batchSize: batch, keepsOrder: true,
        threads: Threads(threads))
    }
  }

  static let wide: [any Recipe] = [
    Flatten(), Dense(201), Tanh(), Dropout(rate: 0.3), Dense(130), ReLU(), Dense(3), Softmax(),
  ]
  static let normalized: [any Recipe] = [
    Convolution(depth: 17, kernelSize: 3, padding: 1, bias: .none), BatchNormalization(), ReLU(),
    Convolution(depth: 32, kernelSize: 3, padding: 1, bias: .none), BatchNormalization(), ReLU(),
    MaxPooling(), Convolution(depth: 32, kernelSize: 3, padding: 1), BatchNormalization(), ReLU(),
    MaxPooling(), Flatten(), Dense(3), Softmax(),
  ]

  static let cases = [
    Case(.zeroOne, batch: 1, images: 12), Case(.zeroOne, batch: 8, images: 20),
    Case(.lenet5, batch: 1, images: 6), Case(.lenet5, batch: 16, images: 40),
    Case(.convnet, batch: 3, images: 7), Case(.convnet, batch: 16, images: 33),
    Case("a small VGG", [3, 16, 16], normalized, batch: 8, images: 20),
    Case("dense layers", [1, 12, 13], wide, batch: 1, images: 9),
    Case("dense layers", [1, 12, 13], wide, batch: 5, images: 12),
  ]

  @Test("an epoch is its steps by the layers, in the data's order", arguments: cases)
  func steps(_ c: Case) throws {
    for optimizer in [SGD(learningRate: 0.02), Momentum(learningRate: 0.01)] as [any Optimizer] {
      let data = try c.data()
      var (planned, plain) = (try c.network(), try c.network())
      let start = planned
      var trainer = c.trainer(optimizer)
      var other = trainer
      #expect(trainer.isPlanned(planned, batch: c.batch))
      let report = try trainer.epoch(&planned, on: data)
      for first in stride(from: 0, to: data.count, by: c.batch) {
        let next = first..<min(first + c.batch, data.count)
        try other.stepLayerByLayer(
          &plain, images: data.images(next), targets: data.targets(next))
      }
      #expect(abs(report.error - other.progress.error) <= 1e-4 * other.progress.error)
      #expect(report.epoch == 1 && trainer.progress.epoch == 1)
      let tensors = zip(start.namedParameters, zip(planned.namedParameters, plain.namedParameters))
      for (before, (mine, theirs)) in tensors {
        let size = before.tensor.elements.map(abs).max() ?? 0
        let change = difference(theirs.tensor, before.tensor)
        #expect(
          difference(mine.tensor, theirs.tensor) <= 1e-3 * change + 1e-5 * size,
          "\(mine.name), which changes by \(change)")
      }
    }
  }

  @Test("the same bits on 1, 2, 3 and 8 threads", arguments: cases)
  func threads(_ c: Case) throws {
    let data = try c.data()
    var first: (bits: [[UInt32]], report: EpochReport)?
    for threads in [1, 2, 3, 8] {
      var network = try c.network()
      var trainer = c.trainer(threads: threads)
      let report = try trainer.epoch(&network, on: data)
      if let first {
        let isSame = network.bits == first.bits
        #expect(isSame, "\(threads) threads")
        #expect(report == first.report, "\(threads) threads")
      } else {
        let isChanged = try network.bits != c.network().bits
        #expect(isChanged)
        first = (network.bits, report)
      }
    }
  }

  @Test("cancelled, it stands after the last whole step, and goes on from there", arguments: cases)
  func cancelled(_ c: Case) async throws {
    let data = try c.data()
    let start = try c.network()
    var whole = start
    var trainer = c.trainer()
    let report = try trainer.epoch(&whole, on: data)

    var byHand = start
    var steps = c.trainer()
    let seen = 2 * c.batch
    for first in [0, c.batch] {
      let next = first..<first + c.batch
      try steps.step(&byHand, images: data.images(next), targets: data.targets(next))
    }
    let stopped = await Task { () -> (Network, Trainer, (any Error)?) in
      var (network, trainer) = (start, c.trainer())
      do {
        _ = try trainer.epoch(&network, on: data) { progress in
          if progress.imagesSeen == seen { withUnsafeCurrentTask { $0?.cancel() } }
        }
        return (network, trainer, nil)
      } catch { return (network, trainer, error) }
    }.value
    #expect(stopped.2 is CancellationError)
    #expect(stopped.1.progress.imagesSeen == seen)
    #expect(abs(stopped.1.progress.error - steps.progress.error) <= 1e-5 * steps.progress.error)
    for (mine, theirs) in zip(stopped.0.namedParameters, byHand.namedParameters) {
      #expect(distance(mine.tensor, theirs.tensor) <= 1e-5, "\(mine.name)")
    }
    var (network, resumed) = (stopped.0, c.trainer())
    resumed.progress = stopped.1.progress
    #expect(try resumed.epoch(&network, on: data) == report)
    let isSame = network.bits == whole.bits
    #expect(isSame)
  }

  @Test(
    "numbers that run away leave the network as it was, and the layer is named", arguments: cases)
  func nonFinite(_ c: Case) throws {
    var network = try c.network()
    let start = network
    var trainer = c.trainer(SGD(learningRate: 3e38))
    let error = #expect(throws: TrainingError.self) {
      try trainer.epoch(&network, on: try c.data())
    }
    guard case .nonFinite(let place, epoch: 1) = error else {
      Issue.record("\(String(describing: error)) is another error")
      return
    }
    #expect(place.hasPrefix("layer "))
    let isSame = network.bits == start.bits
    #expect(isSame)
    #expect(network == start)
    #expect(trainer.progress == TrainingProgress())
  }

  @Test(
    "a network with a layer of a user's own runs layer by layer, and learns", arguments: [1, 16])
  func ownLayer(batch: Int) throws {
    let own = Faulty(Dense(9), .none)
    var network = try Network(input: [1, 6, 5], seed: 2) {
      Convolution(depth: 3, kernelSize: 3)
      ReLU()
      Flatten()
      own
      Tanh()
      Dense(3)
      Softmax()
    }
    var trainer = Trainer(
      loss: CategoricalCrossEntropy(), optimizer: SGD(learningRate: 0.1), batchSize: batch)
    #expect(!network.isPlanned(batch: batch))
    #expect(!trainer.isPlanned(network, batch: batch))
    let x = Tensor.random([batch, 1, 6, 5], seed: 1)
    #expect(try network(x).bits == network.outputsLayerByLayer(x).bits)
    let data = try Dataset.stripes(40)
    let first = try trainer.epoch(&network, on: data)
    var last = first
    for _ in 0..<20 { last = try trainer.epoch(&network, on: data) }
    #expect(last.error < 0.7 * first.error)
  }
}
