import Starling
import Testing

@Suite("Backward, sixteen images to a vector")
struct BatchLastBackwardTests {
  @Test(
    "gradients agree with the layers'",
    arguments: BatchLastForwardTests.cases + BatchLastCase.random(30, seed: 15))
  func agreesWithLayers(_ c: BatchLastCase) throws {
    let expected = try BatchLastExpectation(c)
    for set in InstructionSet.supported {
      let run = try BatchLastRun(
        c, x: expected.x, dY: expected.dY, parameters: expected.parameters, set: set)
      #expect(try run.dX.relativeError(from: expected.dX) < 5e-6, "dX, \(set)")
      let weight = expected.gradients["weight"]
      #expect(try run.weightGradient.relativeError(from: weight) < 5e-6, "dK, \(set)")
      if let bias = run.biasGradient {
        #expect(try bias.relativeError(from: expected.gradients["bias"]) < 5e-6, "dB, \(set)")
      }
    }
  }

  @Test("bits do not depend on the workers", arguments: BatchLastCase.random(6, seed: 16))
  func sameBits(_ c: BatchLastCase) throws {
    let c = c.with(batch: 33)
    let expected = try BatchLastExpectation(c)
    let runs = try [1, 2, 3, 8].map {
      try BatchLastRun(
        c, x: expected.x, dY: expected.dY, parameters: expected.parameters, workers: $0)
    }
    for run in runs {
      #expect(run.dX.bits == runs[0].dX.bits)
      #expect(run.weightGradient.bits == runs[0].weightGradient.bits)
      #expect(run.biasGradient?.bits == runs[0].biasGradient?.bits)
    }
  }

  @Test("of equal numbers in a window the first gets the gradient", arguments: [false, true])
  func ties(isFused: Bool) throws {
    // Sixteen windows with the largest number in every set of places.
    let c = BatchLastCase(
      batch: 16, height: 2, width: 2, kernelHeight: 1, kernelWidth: 1, relu: false,
      pooling: isFused ? .fused : .largest(size: 2, stride: 2))
    let elements = (0..<16).flatMap { image in
      (0..<4).map { Float(image == 0 ? 1 : (image >> $0) & 1) }
    }
    let parameters = try Parameters([
      "weight": Tensor([1, 1, 1, 1], elements: [1]), "bias": Tensor([1], elements: [0]),
    ])
    let expected = (0..<16).flatMap { image in
      (0..<4).map { place in
        Float(place == (image == 0 ? 0 : image.trailingZeroBitCount) ? 1 : 0)
      }
    }
    for set in InstructionSet.supported {
      let run = try BatchLastRun(
        c, x: try Tensor([16, 1, 2, 2], elements: elements),
        dY: Tensor([16, 1, 1, 1], filledWith: 1), parameters: parameters, set: set)
      #expect(run.dX.elements == expected, "\(set)")
    }
  }

  @Test("where a ReLU gives zero, no gradient passes", arguments: [false, true])
  func deadWindows(isFused: Bool) throws {
    let c = BatchLastCase(
      height: 2, width: 2, kernelHeight: 1, kernelWidth: 1,
      pooling: isFused ? .fused : .largest(size: 2, stride: 2))
    let parameters = try Parameters([
      "weight": Tensor([1, 1, 1, 1], elements: [1]), "bias": Tensor([1], elements: [0]),
    ])
    for largest: Float in [-1, 0, 1] {
      for set in InstructionSet.supported {
        let run = try BatchLastRun(
          c, x: try Tensor([1, 1, 2, 2], elements: [-2, largest, -3, -4]),
          dY: Tensor([1, 1, 1, 1], filledWith: 1), parameters: parameters, set: set)
        let passed: Float = largest > 0 ? 1 : 0
        #expect(run.dX.elements == [0, passed, 0, 0], "\(set), \(largest)")
        #expect(run.biasGradient?.elements == [passed], "\(set), \(largest)")
        #expect(run.weightGradient.elements == [passed], "\(set), \(largest)")
      }
    }
  }
}
