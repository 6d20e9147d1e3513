import Starling
import Testing

@Suite("Forward, sixteen images to a vector")
struct BatchLastForwardTests {
  static let cases: [BatchLastCase] = [
    // LeNet-5's two.
    BatchLastCase(
      batch: 20, height: 28, width: 28, depth: 6, kernelHeight: 5, kernelWidth: 5, padding: 2,
      pooling: .fused),
    BatchLastCase(
      batch: 17, channels: 6, height: 14, width: 14, depth: 16, kernelHeight: 5, kernelWidth: 5,
      pooling: .fused),
    // Many channels, and a single one of everything.
    BatchLastCase(batch: 2, channels: 70, height: 4, width: 5, depth: 37, bias: .none),
    BatchLastCase(batch: 1, channels: 33, height: 5, width: 6, depth: 70, pooling: .fused),
    BatchLastCase(height: 1, width: 1, kernelHeight: 1, kernelWidth: 1),
  ]

  @Test("steps agree with the layers", arguments: cases + BatchLastCase.random(24, seed: 5))
  func agreesWithLayers(_ c: BatchLastCase) throws {
    let expected = try BatchLastExpectation(c)
    for set in InstructionSet.supported {
      let run = try BatchLastRun(c, x: expected.x, parameters: expected.parameters, set: set)
      #expect(try run.y.relativeError(from: expected.y) < 2e-6, "\(set)")
    }
  }

  @Test(
    "bits depend neither on the workers nor on the batch",
    arguments: BatchLastCase.random(5, seed: 6))
  func sameBits(_ c: BatchLastCase) throws {
    let c = c.with(batch: 33)
    let expected = try BatchLastExpectation(c)
    for set in InstructionSet.supported {
      let run = try BatchLastRun(c, x: expected.x, parameters: expected.parameters, set: set)
      for workers in [2, 3] {
        let other = try BatchLastRun(
          c, x: expected.x, parameters: expected.parameters, workers: workers, set: set)
        #expect(run.y.bits == other.y.bits, "\(set), \(workers) workers")
      }
      for image in [0, 15, 16, 32] {
        let alone = try BatchLastRun(
          c.with(batch: 1), x: try expected.x.samples(image..<image + 1),
          parameters: expected.parameters, set: set)
        #expect(alone.y.bits == (try run.y.samples(image..<image + 1)).bits, "\(set), \(image)")
      }
    }
  }

  @Test(
    "pooled in one step or in two, the bits are the same",
    arguments: BatchLastCase.random(6, seed: 7))
  func fusedBits(_ c: BatchLastCase) throws {
    var (fused, apart) = (c, c)
    if fused.bias == .perPosition { fused.bias = .perChannel }
    fused.stride = 1
    fused.pooling = .fused
    apart = fused
    apart.pooling = .largest(size: 2, stride: 2)
    let expected = try BatchLastExpectation(fused)
    for set in InstructionSet.supported {
      let one = try BatchLastRun(fused, x: expected.x, parameters: expected.parameters, set: set)
      let two = try BatchLastRun(apart, x: expected.x, parameters: expected.parameters, set: set)
      #expect(one.y.bits == two.y.bits, "\(set)")
    }
  }

  @Test("a NaN in a window is found, wherever it is", arguments: [false, true])
  func findsNaN(isFused: Bool) throws {
    let c = BatchLastCase(
      height: 2, width: 2, kernelHeight: 1, kernelWidth: 1,
      pooling: isFused ? .fused : .largest(size: 2, stride: 2))
    let parameters = try Parameters([
      "weight": Tensor([1, 1, 1, 1], elements: [1]), "bias": Tensor([1], elements: [0]),
    ])
    for place in 0..<4 {
      let elements = (0..<4).map { $0 == place ? Float.nan : Float($0) }
      for set in InstructionSet.supported {
        let run = try BatchLastRun(
          c, x: try Tensor([1, 1, 2, 2], elements: elements), parameters: parameters, set: set)
        #expect(run.y.elements[0].isNaN, "\(set), place \(place)")
      }
    }
  }

  @Test("the images that a sixteen lacks are zeros", arguments: [false, true])
  func missingImages(isFused: Bool) throws {
    for bias in [Convolution.Bias.perChannel, .perPosition] where !isFused || bias == .perChannel {
      let c = BatchLastCase(batch: 18, depth: 2, bias: bias, pooling: isFused ? .fused : .none)
      let expected = try BatchLastExpectation(c)
      for set in InstructionSet.supported {
        var steps = BatchLastSteps(c, set)
        steps.forward()
        let workspace = BatchLastWorkspace(steps.layout, parameters: expected.parameters.tensors)
        workspace.write(expected.x, to: steps.rows.slot)
        workspace.run(steps.forwardSteps, workers: 1)
        let size = steps.y.slot.count / 2
        let second = (0..<size).map { workspace.memory[steps.y.slot][size + $0] }
        #expect(second.contains { $0 != 0 }, "\(set)")
        #expect(second.indices.allSatisfy { $0 % 16 < 2 || second[$0] == 0 }, "\(set)")
      }
    }
  }
}
