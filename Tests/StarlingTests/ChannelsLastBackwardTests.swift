import Starling
import Testing

@Suite("Convolution with channels last, back")
struct ChannelsLastBackwardTests {
  @Test("any sizes, strides and paddings: what the definition says", arguments: supportedSets)
  func followsTheDefinition(set: InstructionSet) {
    var random = SeededGenerator(seed: 31)
    for trial in 0..<40 {
      let sizes = ConvolutionReference.random(&random)
      let problem = Problem(sizes, &random)
      let found = problem.gradients(
        extra: trial % 4 / 2, isBordered: trial % 3 == 0,
        pitch: trial % 4 == 1 ? sizes.inputDepth : nil, set, workers: 1 + trial % 3)
      let dY = problem.slopes.map(Double.init)
      let dX = sizes.inputGradient(problem.kernels, dY)
      let dK = sizes.kernelGradient(problem.x, dY)
      #expect(largestError(found.dX, dX) < 3e-6, "dX of \(sizes)")
      #expect(largestError(found.dK, dK) < 3e-6, "dK of \(sizes)")
      let dB = sizes.biasGradient(dY, perPosition: false)
      #expect(largestError(found.dB, dB) < 3e-6, "dB of \(sizes)")
      let positions = sizes.biasGradient(dY, perPosition: true)
      #expect(largestError(found.positions, positions) < 3e-6, "dB of positions of \(sizes)")
      #expect(found.isClean, "\(sizes)")
    }
  }

  @Test("kernels so large that partial sums are few")
  func largeKernels() {
    var random = SeededGenerator(seed: 32)
    let sizes = ConvolutionReference(
      batch: 5, inputDepth: 130, height: 3, width: 3, depth: 300, kernelHeight: 3, kernelWidth: 3,
      padding: 1)
    let problem = Problem(sizes, &random)
    let found = problem.gradients(workers: 2)
    let expected = sizes.kernelGradient(problem.x, problem.slopes.map(Double.init))
    #expect(largestError(found.dK, expected) < 3e-6)
  }

  @Test("the same bits with any number of workers")
  func sameBits() {
    var random = SeededGenerator(seed: 33)
    for batch in [1, 3, 19] {
      let sizes = ConvolutionReference(
        batch: batch, inputDepth: 20, height: 10, width: 9, depth: 70, kernelHeight: 3,
        kernelWidth: 3, padding: 1)
      let problem = Problem(sizes, &random)
      let one = problem.gradients(workers: 1)
      for workers in [2, 3, 8] {
        let other = problem.gradients(isBordered: workers == 2, workers: workers)
        #expect(other.dX == one.dX)
        #expect(other.dK == one.dK)
        #expect(other.dB == one.dB)
        #expect(other.positions == one.positions)
      }
    }
  }
}

/// A convolution, its input, and the slopes that come back to it.
private struct Problem {
  let sizes: ConvolutionReference
  let x, kernels, slopes: [Float]

  init(_ sizes: ConvolutionReference, _ random: inout SeededGenerator) {
    self.sizes = sizes
    x = normals(sizes.inputCount, &random)
    kernels = normals(sizes.kernelCount, &random)
    slopes = normals(sizes.outputCount, &random)
  }

  /// The gradients by the steps; dE/dY has a border that spares a copy, or none.
  func gradients(
    extra: Int = 0, isBordered: Bool = false, pitch: Int? = nil,
    _ set: InstructionSet = .current, workers: Int
  ) -> (dX: [Float], dK: [Float], dB: [Float], positions: [Float], isClean: Bool) {
    let trial = StepTrial()
    let packed = trial.pack(sizes, kernels, nil, extra: extra, pitch: pitch, set)
    let convolution = packed.convolution
    let dY = Pixels(
      trial.layout.activation(
        .channelsLast, batch: sizes.batch, channels: sizes.depth, height: sizes.outputHeight,
        width: sizes.outputWidth, border: isBordered ? max(0, sizes.kernelHeight - 1) : extra))
    let dX = Pixels(
      trial.layout.activation(
        .channelsLast, batch: sizes.batch, channels: sizes.inputDepth, height: sizes.height,
        width: sizes.width, border: extra))
    let input = ChannelsLastInputGradient.steps(
      convolution, dY: dY, to: dX, weight: 0, in: &trial.layout, workers: workers, for: set)
    let kernel = ChannelsLastKernelGradient(convolution, dY: dY, in: &trial.layout, for: set)
    let sum = KernelGradientSum(convolution, kernel.partials, hasBias: true, in: &trial.layout)
    let positions = ChannelsLastPositionBias(dY: dY, in: &trial.layout)
    trial.write(x, to: convolution.input)
    trial.write(slopes, to: dY)
    // Twice, as a workspace is used again and again.
    for _ in 0..<2 { trial.run(input + [kernel, sum, positions], workers: workers) }
    return (
      trial.read(dX), trial.read(sum.kernels), sum.biases.map { trial.read($0) } ?? [],
      trial.read(positions.biases), trial.isZeroElsewhere(dX) && trial.isIntact
    )
  }
}
