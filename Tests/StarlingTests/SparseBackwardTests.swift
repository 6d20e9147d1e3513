import Starling
import Testing

@Suite("The way back through pooling and ReLU, sparse")
struct SparseBackwardTests {
  @Test("any sizes, strides and paddings: what the definition says", arguments: supportedSets)
  func followsTheDefinition(set: InstructionSet) {
    var random = SeededGenerator(seed: 21)
    for trial in 0..<40 {
      var sizes = ConvolutionReference.random(&random, stride: 1...2)
      sizes.height += 2
      sizes.width += 2
      let problem = Problem(sizes, &random, density: [1, 0.5, 0][trial % 8 == 0 ? 2 : trial % 2])
      let isReLU = trial % 5 != 0
      let found = problem.gradients(
        isReLU: isReLU, trial % 3 == 0 ? .rows : .channelsLast, extra: trial % 4 / 2,
        pitch: trial % 4 == 1 ? sizes.inputDepth : nil, set, workers: 1 + trial % 3)
      let expected = problem.expected(isReLU: isReLU)
      #expect(largestError(found.dX, expected.dX) < 3e-6, "dX of \(sizes)")
      #expect(largestError(found.dK, expected.dK) < 3e-6, "dK of \(sizes)")
      #expect(largestError(found.dB, expected.dB) < 3e-6, "dB of \(sizes)")
      #expect(found.isClean, "\(sizes)")
    }
  }

  @Test("the sizes that have loops of their own", arguments: supportedSets)
  func commonSizes(set: InstructionSet) {
    var random = SeededGenerator(seed: 25)
    for (inputDepth, depth, padding) in [
      (16, 70, 0), (32, 130, 1), (1, 5, 0), (1, 40, 1), (1, 64, 0),
    ] {
      let sizes = ConvolutionReference(
        batch: 3, inputDepth: inputDepth, height: 13, width: 17, depth: depth, kernelHeight: 3,
        kernelWidth: 3, padding: padding)
      for (layout, density) in [(Layout.channelsLast, 0.9), (.rows, 0.4)] {
        let problem = Problem(sizes, &random, density: density)
        let found = problem.gradients(isReLU: true, layout, extra: padding, set, workers: 2)
        let expected = problem.expected(isReLU: true)
        #expect(largestError(found.dX, expected.dX) < 3e-6, "dX of \(sizes)")
        #expect(largestError(found.dK, expected.dK) < 3e-6, "dK of \(sizes)")
        #expect(largestError(found.dB, expected.dB) < 3e-6, "dB of \(sizes)")
        #expect(found.isClean, "\(sizes)")
      }
    }
  }

  @Test("more kernels than are collected at a time")
  func manyKernels() {
    var random = SeededGenerator(seed: 22)
    let sizes = ConvolutionReference(
      batch: 2, inputDepth: 2, height: 6, width: 5, depth: 1100, kernelHeight: 2, kernelWidth: 2)
    let problem = Problem(sizes, &random, density: 0.7)
    let found = problem.gradients(isReLU: true, .channelsLast, workers: 2)
    let expected = problem.expected(isReLU: true)
    #expect(largestError(found.dX, expected.dX) < 3e-6)
    #expect(largestError(found.dK, expected.dK) < 3e-6)
    #expect(largestError(found.dB, expected.dB) < 3e-6)
  }

  @Test("the same bits with any number of workers, in each layout of the gradient")
  func sameBits() {
    var random = SeededGenerator(seed: 23)
    for batch in [1, 3, 19] {
      let sizes = ConvolutionReference(
        batch: batch, inputDepth: 5, height: 13, width: 10, depth: 37, kernelHeight: 3,
        kernelWidth: 3, padding: 1)
      let problem = Problem(sizes, &random, density: 0.6)
      let one = problem.gradients(isReLU: true, .channelsLast, workers: 1)
      for workers in [2, 3, 8] {
        let other = problem.gradients(
          isReLU: true, workers == 3 ? .rows : .channelsLast, extra: workers % 2, workers: workers)
        #expect(other.dX == one.dX)
        #expect(other.dK == one.dK)
        #expect(other.dB == one.dB)
      }
    }
  }

  @Test("the plain layers say the same: convolution, ReLU, pooling")
  func agreesWithThePlainLayers() throws {
    var random = SeededGenerator(seed: 24)
    let sizes = ConvolutionReference(
      batch: 6, inputDepth: 3, height: 11, width: 12, depth: 18, kernelHeight: 3, kernelWidth: 3,
      padding: 1)
    let problem = Problem(sizes, &random, density: 0.8)
    let weights = try Parameters([
      "weight": Tensor([18, 3, 3, 3], elements: problem.kernels),
      "bias": Tensor([18], elements: problem.bias),
    ])
    let convolution = try Convolution(depth: 18, kernelSize: 3, padding: 1)
      .build(for: [3, 11, 12], parameters: weights)
    let x = try Tensor([6, 3, 11, 12], elements: problem.x)
    let (y, back) = run(convolution, x)
    let (activated, backFromReLU) = run(
      try ReLU().build(for: [18, 11, 12], parameters: .none), y)
    let (_, backFromPooling) = run(
      try MaxPooling(size: 2).build(for: [18, 11, 12], parameters: .none), activated)
    let dP = try Tensor([6, 18, 5, 6], elements: problem.slopes)
    let plain = back(backFromReLU(backFromPooling(dP).dX).dX)

    let found = problem.gradients(isReLU: true, .channelsLast, workers: 2)
    let dX = plain.dX.elements.map(Double.init)
    let dK = plain.gradient["weight"].elements.map(Double.init)
    let dB = plain.gradient["bias"].elements.map(Double.init)
    #expect(largestError(found.dX, dX) < 1e-5)
    #expect(largestError(found.dK, dK) < 1e-5)
    #expect(largestError(found.dB, dB) < 1e-5)
  }

  /// A layer's output, and its way back.
  private func run(
    _ layer: some Layer, _ x: Tensor
  ) -> (y: Tensor, back: (Tensor) -> (dX: Tensor, gradient: Parameters)) {
    let (y, cache) = layer.forward(x, Pass(.inference))
    return (
      y,
      { dY in
        var gradient = layer.parameters.zeros
        let dX = layer.backward(dY, cache, accumulatingInto: &gradient, Pass(.inference))
        return (dX, gradient)
      }
    )
  }
}

/// A convolution with ReLU and pooling, its input, and the slopes that come back to it.
private struct Problem {
  let sizes: ConvolutionReference
  let x, kernels, bias, slopes: [Float]

  init(_ sizes: ConvolutionReference, _ random: inout SeededGenerator, density: Double) {
    self.sizes = sizes
    x = normals(sizes.inputCount, &random)
    kernels = normals(sizes.kernelCount, &random)
    bias = normals(sizes.depth, &random)
    var slopes = normals(sizes.pooledCount, &random)
    for index in slopes.indices where random.uniform() >= density { slopes[index] = 0 }
    self.slopes = slopes
  }

  func expected(isReLU: Bool) -> (dX: [Double], dK: [Double], dB: [Double]) {
    var y = sizes.forward(x, kernels)
    let area = sizes.outputHeight * sizes.outputWidth
    for index in y.indices { y[index] += Double(bias[index / area % sizes.depth]) }
    let (maxima, from) = sizes.pool(y)
    var dY = [Double](repeating: 0, count: y.count)
    for (index, slope) in slopes.enumerated() where !isReLU || maxima[index] > 0 {
      dY[from[index]] = Double(slope)
    }
    return (
      sizes.inputGradient(kernels, dY), sizes.kernelGradient(x, dY),
      sizes.biasGradient(dY, perPosition: false)
    )
  }

  func gradients(
    isReLU: Bool, _ layout: Layout, extra: Int = 0, pitch: Int? = nil,
    _ set: InstructionSet = .current, workers: Int
  ) -> (dX: [Float], dK: [Float], dB: [Float], isClean: Bool) {
    let trial = StepTrial()
    let packed = trial.pack(sizes, kernels, bias, extra: extra, pitch: pitch, set)
    let convolution = packed.convolution
    func pixels(_ layout: Layout, _ channels: Int, _ height: Int, _ width: Int) -> Pixels {
      Pixels(
        trial.layout.activation(
          layout, batch: sizes.batch, channels: channels, height: height, width: width,
          border: extra))
    }
    let y = pixels(.channelsLast, sizes.depth, sizes.pooledHeight, sizes.pooledWidth)
    let dY = pixels(layout, sizes.depth, sizes.pooledHeight, sizes.pooledWidth)
    let dX = pixels(layout, sizes.inputDepth, sizes.height, sizes.width)
    let winners = PoolingWinners(
      batch: sizes.batch, channels: sizes.depth, height: y.height, width: y.width,
      in: &trial.layout)
    let forward = ChannelsLastForwardPooled(
      packed, to: y, winners: winners, isReLU: isReLU, in: &trial.layout, workers: workers,
      for: set)
    let input = SparseInputGradient(
      convolution, pooledGradient: dY, winners: winners, to: dX, weight: 0, in: &trial.layout,
      workers: workers, for: set)
    let kernel = SparseKernelGradient(
      convolution, pooledGradient: dY, winners: winners, in: &trial.layout, workers: workers,
      for: set)
    let sum = KernelGradientSum(convolution, kernel.partials, hasBias: true, in: &trial.layout)
    trial.write(x, to: convolution.input)
    trial.write(slopes, to: dY)
    // Twice, as a workspace is used again and again.
    for _ in 0..<2 { trial.run([packed, forward, input, kernel, sum], workers: workers) }
    return (
      trial.read(dX), trial.read(sum.kernels), sum.biases.map { trial.read($0) } ?? [],
      trial.isZeroElsewhere(dX) && trial.isIntact
    )
  }
}
