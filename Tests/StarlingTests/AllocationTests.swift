import CAllocations
import Starling
import Testing

/// Counted in processes of their own, in which no other test runs.
@Suite(
  "Memory is taken at the beginning, not at each step",
  .enabled(if: allocations_are_counted(), "they are counted with glibc, and without a sanitizer"))
struct AllocationTests {
  @Test("What is counted: arrays, objects and aligned memory, by any thread")
  func counting() async {
    await #expect(processExitsWith: .success) {
      // Swift's runtime builds types when they are first used, and the pool its threads.
      _ = (numbers(), object())
      onAnotherThread {}
      #expect(count { _ = numbers() } == 1)
      #expect(count { _ = object() } == 1)
      #expect(count { place().deallocate() } == 1)
      let handing = count { onAnotherThread {} }
      #expect(count { onAnotherThread { place().deallocate() } } == handing + 1)
      #expect(count {} == 0)
    }
  }

  @Test("A step of training allocates nothing, from an epoch's second on")
  func training() async {
    await #expect(processExitsWith: .success) {
      for preset in Preset.allCases {
        for batch in preset == .vgg ? [2] : [1, 4, 16] {
          for threads in [1, 2, 3] {
            try expectNoAllocation(
              in: 1...2, preset, SGD(learningRate: 0.01), batch: batch, threads: threads)
          }
        }
      }
    }
  }

  @Test("Nor does one whose gradients an optimizer of a user's own gets")
  func ownOptimizer() async {
    await #expect(processExitsWith: .success) {
      for preset in Preset.allCases {
        try expectNoAllocation(
          in: 2...2, preset, Descent(learningRate: 0.01), batch: 4, threads: 2)
      }
    }
  }

  @Test("A prediction allocates its tensor and three shapes, whatever the network and the batch")
  func prediction() async {
    await #expect(processExitsWith: .success) {
      for preset in Preset.allCases {
        let network = try Network(
          input: preset.inputShape, seed: 1, recipes: preset.recipes(classes: 4))
        for (batch, threads) in [(1, 1), (3, 3), (16, 2)] {
          let x = Tensor.random(preset.inputShape.batched(batch), seed: 2)
          _ = try network(x, threads: Threads(threads))
          let counted = try count { _ = try network(x, threads: Threads(threads)) }
          #expect((1...4).contains(counted), "\(preset), batch \(batch), \(threads) threads")
        }
      }
    }
  }

  @Test("An evaluation allocates nothing for an image, and at most 16 times for a batch of them")
  func evaluation() async {
    await #expect(processExitsWith: .success) {
      for preset in [Preset.zeroOne, .lenet5, .convnet] {
        let network = try Network(
          input: preset.inputShape, seed: 1, recipes: preset.recipes(classes: 4))
        func allocations(_ images: Int) throws -> Int {
          let data = try Dataset.stripes(images, classes: 4, shape: preset.inputShape)
          func evaluate() throws { _ = try network.evaluate(on: data, loss: loss(of: preset)) }
          try evaluate()
          return try count(evaluate)
        }
        let batch = try allocations(128)
        #expect(try allocations(100) == batch)
        #expect(try allocations(256) <= batch + 16)
      }
    }
  }
}

/// How often memory is asked for while `body` runs.
private func count(_ body: () throws -> Void) rethrows -> Int {
  let before = allocations_so_far()
  try body()
  return allocations_so_far() - before
}

private final class Object {}

// Each by itself, where the compiler does not see that nobody needs what is made.
@inline(never) private func object() -> AnyObject { Object() }
@inline(never) private func numbers() -> [Float] { [Float](repeating: 1, count: 100) }
@inline(never) private func place() -> UnsafeMutableRawPointer {
  .allocate(byteCount: 64, alignment: 64)
}

private func onAnotherThread(_ body: () -> Void) {
  ThreadPool.shared.run(workers: 2) { worker in
    if worker.index == 1 { body() }
  }
}

private func loss(of preset: Preset) -> any Loss {
  preset == .zeroOne ? BinaryCrossEntropy() : CategoricalCrossEntropy()
}

/// That epochs of three whole steps and a smaller one allocate nothing behind their first steps, but for the
/// first epoch's smaller step, which is the first of another plan.
private func expectNoAllocation(
  in epochs: ClosedRange<Int>, _ preset: Preset, _ optimizer: some Optimizer, batch: Int,
  threads: Int
) throws {
  let data = try Dataset.stripes(
    3 * batch + (batch + 1) / 2, classes: 4, shape: preset.inputShape)
  var network = try Network(input: preset.inputShape, seed: 1, recipes: preset.recipes(classes: 4))
  var trainer = Trainer(
    loss: loss(of: preset), optimizer: optimizer, batchSize: batch, threads: Threads(threads))
  var marks = [Int](repeating: 0, count: 4)
  for epoch in 1...2 {
    var steps = 0
    _ = try trainer.epoch(&network, on: data) { _ in
      marks[steps] = allocations_so_far()
      steps += 1
    }
    #expect(steps == 4)
    for step in 1..<4 where epochs.contains(epoch) && (epoch > 1 || batch == 1 || step < 3) {
      #expect(
        marks[step] == marks[step - 1],
        "step \(step + 1) of epoch \(epoch): \(preset), batch \(batch), \(threads) threads")
    }
  }
}

/// Gradient descent under another name, which no plan knows.
private struct Descent: Optimizer {
  var learningRate: Float

  mutating func update(_ parameter: inout Tensor, with gradient: Tensor, at position: Int) {
    var descent = SGD(learningRate: learningRate)
    descent.update(&parameter, with: gradient, at: position)
  }

  func check() {}
}
