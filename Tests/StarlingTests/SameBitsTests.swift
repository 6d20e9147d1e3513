import Foundation
import Starling
import Testing

/// The images are so large that each kernel is split into as many parts as there are threads, which
/// ``everyKernelIsSplit(batchSize:threads:)`` demands.
@Suite("Same seed, same bits")
struct SameBitsTests {
  private static let threads = [2, 3, 8]

  /// One image alone has to be as much work as a batch of smaller ones.
  private func input(batchSize: Int) -> Shape { batchSize == 1 ? [8, 58, 59] : [8, 22, 23] }

  private func network(seed: UInt64 = 1, batchSize: Int = 8) throws -> Network {
    try Network(input: input(batchSize: batchSize), seed: seed) {
      Convolution(depth: 9, kernelSize: 3, bias: .perPosition)
      ReLU()
      Convolution(depth: 8, kernelHeight: 4, kernelWidth: 3)
      BatchNormalization()
      Sigmoid()
      Flatten()
      Dropout(rate: 0.2)
      Dense(103)
      Tanh()
      Dense(3)
      Softmax()
    }
  }

  private func data(_ count: Int, batchSize: Int = 8) throws -> Dataset {
    try .stripes(count, shape: input(batchSize: batchSize))
  }

  private func trainer(threads: Int, batchSize: Int = 8) -> Trainer {
    Trainer(
      loss: CategoricalCrossEntropy(), optimizer: SGD(learningRate: 0.05), batchSize: batchSize,
      seed: 3, threads: Threads(threads))
  }

  @Test("A seed makes a network, and another seed another")
  func seeds() throws {
    #expect(try network(seed: 1) == network(seed: 1))
    #expect(try network(seed: 1).bits == network(seed: 1).bits)
    #expect(try network(seed: 1) != network(seed: 2))
  }

  @Test("Each kernel is split into as many parts as there are threads", arguments: [1, 8], threads)
  func everyKernelIsSplit(batchSize: Int, threads: Int) throws {
    let layers = try network(batchSize: batchSize).layers.filter {
      $0.recipe is Convolution || $0.recipe is Dense
    }
    // The last layer, three scores from 103 numbers, is too little work, as it is in any network.
    try #require(layers.count == 4)
    for layer in layers.dropLast() {
      let weights = layer.parameters["weight"].shape
      // The pieces of the forward pass, of the weights' gradient and of the input's, and the
      // multiply-adds that each of the three takes, as ConvolutionKernels and DenseKernels count them.
      let pieces: [Int]
      let cost: Int
      if weights.rank == 4 {
        pieces = [batchSize * weights[0], weights[0] * weights[1], batchSize * weights[1]]
        cost = batchSize * weights.count * layer.outputShape[1] * layer.outputShape[2]
      } else {
        pieces = [weights[0], weights[0], weights[1] / 64]
        cost = batchSize * weights.count
      }
      for pieces in pieces {
        #expect(Threads(threads).parts(of: pieces, cost: cost) == threads, "weights of \(weights)")
      }
    }
  }

  @Test("Training on any number of threads", arguments: [1, 8])
  func trainingThreads(batchSize: Int) throws {
    let data = try data(2 * batchSize, batchSize: batchSize)
    var single = try network(batchSize: batchSize)
    var trainer = trainer(threads: 1, batchSize: batchSize)
    let report = try trainer.epoch(&single, on: data)
    let start = try network(batchSize: batchSize)
    let hasLearned = single.bits != start.bits
    #expect(hasLearned)
    for threads in SameBitsTests.threads {
      var network = start
      var trainer = self.trainer(threads: threads, batchSize: batchSize)
      #expect(try trainer.epoch(&network, on: data) == report, "\(threads) threads")
      // Compared beforehand, since to show how millions of numbers differ would take minutes.
      let isSame = network.bits == single.bits
      #expect(isSame, "\(threads) threads")
    }
    // And the step that runs layer by layer, which networks with a user's own layers take.
    func step(threads: Int) throws -> Network {
      var network = start
      var trainer = self.trainer(threads: threads, batchSize: batchSize)
      try trainer.stepLayerByLayer(
        &network, images: data.images(0..<batchSize), targets: data.targets(0..<batchSize))
      return network
    }
    let plain = try step(threads: 1).bits
    for threads in SameBitsTests.threads {
      let isSame = try step(threads: threads).bits == plain
      #expect(isSame, "\(threads) threads, layer by layer")
    }
  }

  @Test("Pooling, batch normalization, and a convolution with stride and border, on two threads")
  func otherLayers() throws {
    // Twice the least work that is split: see ``Threads``.
    let images = Tensor.random([2, 8, 182, 181], seed: 1)
    #expect(Threads(2).parts(of: 8, cost: images.count) == 2)
    let normalization = Parameters([
      "weight": .random([8], seed: 2), "bias": .random([8], seed: 3),
      "running_mean": .random([8], seed: 4), "running_var": Tensor([8], filledWith: 2),
    ])
    let kernels = Parameters(["weight": .random([2, 8, 3, 3], seed: 6)])
    for (recipe, parameters) in [
      (MaxPooling(), .none), (AveragePooling(size: 3, stride: 2), .none),
      (BatchNormalization(), normalization),
      (Convolution(depth: 2, kernelSize: 3, stride: 2, padding: 1, bias: .none), kernels),
    ] as [(any Recipe, Parameters)] {
      let dY = Tensor.random(
        try recipe.outputShape(for: images.shape.withoutBatch).batched(2), seed: 7)
      let runs = try [1, 2].map { threads in
        try LayerRun(
          recipe, parameters, x: images, dY: dY, mode: .training(seed: 1), threads: threads)
      }
      let isSame =
        runs[0].y.bits == runs[1].y.bits && runs[0].dX.bits == runs[1].dX.bits
        && runs[0].gradients.tensors.map(\.bits) == runs[1].gradients.tensors.map(\.bits)
      #expect(isSame, "\(recipe.name)")
    }
  }

  @Test("An image alone and in a batch of any size", arguments: [1, 2])
  func batches(threads: Int) throws {
    let network = try network()
    let images = try data(64).images(0..<64)
    let alone = try (0..<64).map { position in
      try network(images.samples(position..<position + 1), threads: Threads(1)).bits
    }
    #expect(Set(alone).count == 64)
    let plain = try (0..<64).map { position in
      try network.outputsLayerByLayer(images.samples(position..<position + 1), threads: Threads(1))
        .bits
    }
    for size in [3, 4, 5, 64] {
      let layers = try network.outputsLayerByLayer(
        images.samples(64 - size..<64), threads: Threads(threads))
      for row in 0..<size {
        #expect(try layers.samples(row..<row + 1).bits == plain[64 - size + row], "layer by layer")
      }
      let batch = try network(images.samples(64 - size..<64), threads: Threads(threads))
      for row in 0..<size {
        let image = 64 - size + row
        #expect(
          try batch.samples(row..<row + 1).bits == alone[image],
          "image \(image) in a batch of \(size)")
      }
    }
  }

  @Test("A run that goes on from copies of network and progress")
  func resumedFromCopies() throws {
    let data = try Dataset.stripes(20)
    var whole = try Network.small()
    var trainer = trainer(threads: 1)
    var saved: [(Network, TrainingProgress)] = []
    var reports: [EpochReport] = []
    for _ in 0..<2 {
      reports.append(try trainer.epoch(&whole, on: data))
      saved.append((whole, trainer.progress))
    }
    // Between two epochs, by way of what a file would hold.
    var (network, progress) = saved[0]
    progress = try JSONDecoder().decode(
      TrainingProgress.self, from: JSONEncoder().encode(progress))
    var other = self.trainer(threads: 2)
    other.progress = progress
    #expect(try other.epoch(&network, on: data) == reports[1])
    #expect(network.bits == whole.bits)
    // Without the progress the second epoch would have the first one's order.
    var forgetful = self.trainer(threads: 2)
    network = saved[0].0
    _ = try forgetful.epoch(&network, on: data)
    #expect(network.bits != whole.bits)
  }

  @Test("A run that is cancelled in the middle of an epoch, and goes on", arguments: [1, 2])
  func cancelled(afterSteps steps: Int) async throws {
    let data = try Dataset.stripes(20)
    var whole = try Network.small()
    var trainer = trainer(threads: 1)
    let reports = try (0..<2).map { _ in try trainer.epoch(&whole, on: data) }

    let start = try Network.small()
    let begin = self.trainer(threads: 1)
    let interrupted = await Task { () -> (Network, Trainer, (any Error)?) in
      var (network, trainer) = (start, begin)
      do {
        _ = try trainer.epoch(&network, on: data)
        _ = try trainer.epoch(&network, on: data) { progress in
          if progress.imagesSeen == steps * 8 { withUnsafeCurrentTask { $0?.cancel() } }
        }
        return (network, trainer, nil)
      } catch {
        return (network, trainer, error)
      }
    }.value
    #expect(interrupted.2 is CancellationError)
    #expect(interrupted.1.progress.epoch == 1)
    #expect(interrupted.1.progress.imagesSeen == steps * 8)

    var network = interrupted.0
    #expect(network.bits != whole.bits)
    var resumed = self.trainer(threads: 1)
    resumed.progress = interrupted.1.progress
    resumed.optimizer = interrupted.1.optimizer
    #expect(try resumed.epoch(&network, on: data) == reports[1])
    #expect(network.bits == whole.bits)
  }
}
