import Foundation
import Starling
import Testing

/// Sizes large enough for every kernel to be split among threads: 60,000 multiply-adds and more for
/// each part.
@Suite("Same seed, same bits")
struct SameBitsTests {
  private static let input: Shape = [2, 21, 22]

  private func network(seed: UInt64 = 1) throws -> Network {
    try Network(input: SameBitsTests.input, seed: seed) {
      Convolution(depth: 9, kernelSize: 3, bias: .perPosition)
      ReLU()
      Convolution(depth: 7, kernelHeight: 4, kernelWidth: 3)
      Sigmoid()
      Flatten()
      Dense(37)
      Tanh()
      Dense(3)
      Softmax()
    }
  }

  private func data(_ count: Int) throws -> Dataset {
    try .stripes(count, shape: SameBitsTests.input)
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

  @Test("Training on any number of threads", arguments: [1, 8])
  func trainingThreads(batchSize: Int) throws {
    let data = try data(batchSize == 1 ? 3 : 16)
    var single = try network()
    var trainer = trainer(threads: 1, batchSize: batchSize)
    let report = try trainer.epoch(&single, on: data)
    let start = try network()
    #expect(single.bits != start.bits)
    for threads in [2, 3, 8] {
      var network = start
      var trainer = self.trainer(threads: threads, batchSize: batchSize)
      #expect(try trainer.epoch(&network, on: data) == report, "\(threads) threads")
      #expect(network.bits == single.bits, "\(threads) threads")
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
    for size in [3, 4, 5, 64] {
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
