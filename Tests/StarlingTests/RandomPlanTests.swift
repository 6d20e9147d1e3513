import Starling
import Testing

/// Planned networks against the same ones run layer by layer, over networks that nobody has chosen.
@Suite("Plans of random networks")
struct RandomPlanTests {
  static let seeds: [UInt64] = Array(1...40)
  /// Those of networks that Winograd's method has a part in.
  static let deepSeeds: [UInt64] = Array(1...10)

  @Test("predictions are those of the layers", arguments: seeds)
  func inference(seed: UInt64) throws {
    try comparePredictions(RandomNetwork(seed: seed))
  }

  @Test("and so they are by Winograd's method", arguments: deepSeeds)
  func deepInference(seed: UInt64) throws {
    try comparePredictions(RandomNetwork(seed: seed, isDeep: true))
  }

  /// To some roundings of the largest number: over 400 networks 1.6e-6 is the most that was seen.
  private func comparePredictions(_ random: RandomNetwork) throws {
    for isExact in [true, false] {
      var network = try random.network()
      network.isExact = isExact
      #expect(network.isPlanned(batch: random.batch), "\(random.description)")
      let x = random.images()
      let plain = network.outputsLayerByLayer(x)
      let planned = try network(x, threads: Threads(2))
      #expect(distance(planned, plain) <= (isExact ? 3e-6 : 6e-6), "\(random.description)")
      // The same plan once more, on a workspace that holds what the last run left.
      #expect(try network(x, threads: Threads(2)).bits == planned.bits, "\(random.description)")
      #expect(try network(x, threads: Threads(3)).bits == planned.bits, "\(random.description)")
    }
  }

  @Test("an image's outputs have the same bits in any batch", arguments: seeds)
  func batches(seed: UInt64) throws {
    try compareBatches(RandomNetwork(seed: seed))
  }

  @Test("and so they have by Winograd's method", arguments: deepSeeds)
  func deepBatches(seed: UInt64) throws {
    try compareBatches(RandomNetwork(seed: seed, isDeep: true))
  }

  private func compareBatches(_ random: RandomNetwork) throws {
    let network = try random.network()
    let x = random.images(35)
    let whole = try network(x)
    for (first, count) in [(0, 1), (34, 1), (5, 16), (2, 33), (17, 4)] {
      let part = try network(x.samples(first..<first + count))
      #expect(
        try part.bits == whole.samples(first..<first + count).bits,
        "\(count) images from \(first) on of \(random.description)")
    }
  }

  @Test("steps of gradient descent change the parameters as the layers do", arguments: seeds)
  func descent(seed: UInt64) throws {
    try compareSteps(RandomNetwork(seed: seed), SGD(learningRate: 0.3))
  }

  @Test("and so do those by Winograd's method", arguments: deepSeeds)
  func deepDescent(seed: UInt64) throws {
    try compareSteps(RandomNetwork(seed: seed, isDeep: true), SGD(learningRate: 0.3))
  }

  @Test("an optimizer of another kind gets the layers' gradients", arguments: seeds)
  func momentum(seed: UInt64) throws {
    try compareSteps(RandomNetwork(seed: seed), Momentum(learningRate: 0.3), isExact: true)
  }

  /// Three steps by the plan, each beside one by the layers from the same start.
  private func compareSteps(
    _ random: RandomNetwork, _ optimizer: some Optimizer, isExact: Bool = false
  ) throws {
    var network = try random.network()
    network.isExact = isExact
    let x = random.images()
    let targets = Tensor.oneHot(random.batch, network.outputShape.count, seed: 7)
    for threads in [2, 1, 3] {
      var plain = network
      var trainer = Trainer(
        loss: random.loss, optimizer: optimizer, batchSize: random.batch,
        threads: Threads(threads))
      var other = trainer
      #expect(trainer.isPlanned(network, batch: random.batch), "\(random.description)")
      let before = network.parameters
      try trainer.step(&network, images: x, targets: targets)
      try other.stepLayerByLayer(&plain, images: x, targets: targets)
      #expect(
        abs(trainer.progress.error - other.progress.error) <= 2e-5 * abs(other.progress.error),
        "\(random.description)")
      try expectSameChange(network, plain, from: before, random.description)
    }
  }

  /// That each tensor has moved as far as it should, to a small part of the largest move of any number.
  private func expectSameChange(
    _ network: Network, _ plain: Network, from before: [Parameters], _ comment: String
  ) throws {
    let start = before.flatMap(\.tensors)
    let tensors = zip(start, zip(network.namedParameters, plain.namedParameters))
    let largest =
      tensors.map { start, pair in difference(pair.1.tensor, start) }.max() ?? 0
    for (start, (mine, theirs)) in tensors {
      let change = difference(theirs.tensor, start)
      // A change is no more exact than the numbers that it is a change of: they may be two roundings apart.
      let size = start.elements.map(abs).max() ?? 0
      #expect(
        difference(mine.tensor, theirs.tensor) <= 2e-5 * change + 2e-6 * largest + 2e-7 * size,
        "\(mine.name), which changes by \(change), largest \(largest), of \(comment)")
    }
  }
}

/// The largest difference between two tensors' numbers; infinite where one is no number.
func difference(_ one: Tensor, _ other: Tensor) -> Float {
  zip(one.elements, other.elements).reduce(0) {
    let distance = abs($1.0 - $1.1)
    return distance.isFinite ? max($0, distance) : .infinity
  }
}

/// The largest difference over the largest number.
func distance(_ one: Tensor, _ other: Tensor) -> Float {
  difference(one, other) / (other.elements.map(abs).max() ?? 1)
}
