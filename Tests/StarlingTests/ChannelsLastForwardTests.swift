import Starling
import Testing

@Suite("Convolution with channels last, forward")
struct ChannelsLastForwardTests {
  @Test(
    "any sizes, strides, paddings and biases: what the definition says", arguments: supportedSets)
  func followsTheDefinition(set: InstructionSet) {
    var random = SeededGenerator(seed: 11)
    for trial in 0..<40 {
      let sizes = ConvolutionReference.random(&random)
      let (x, kernels, bias) = data(sizes, &random, perPosition: trial % 3 == 0)
      let isReLU = trial % 2 == 0
      let result = Self.forward(
        sizes, x, kernels, trial % 3 == 1 ? nil : bias, isReLU: isReLU, extra: trial % 4 / 2,
        set, workers: 1 + trial % 3)
      var expected = sizes.forward(x, kernels)
      if trial % 3 != 1 { add(bias, to: &expected, sizes) }
      if isReLU { expected = expected.map { max(0, $0) } }
      #expect(largestError(result.y, expected) < 2e-6, "\(sizes)")
      #expect(result.isClean, "\(sizes)")
    }
  }

  @Test("the bits of an image are the same in any batch, pitch and number of workers")
  func sameBits() {
    var random = SeededGenerator(seed: 12)
    for inputDepth in [3, 6, 16, 33] {
      var sizes = ConvolutionReference(
        batch: 5, inputDepth: inputDepth, height: 9, width: 11, depth: 21, kernelHeight: 3,
        kernelWidth: 3, padding: 1)
      let (x, kernels, bias) = data(sizes, &random, perPosition: false)
      let whole = Self.forward(sizes, x, kernels, bias, isReLU: false, workers: 1)
      for workers in [2, 3, 8] {
        let other = Self.forward(
          sizes, x, kernels, bias, isReLU: false, extra: workers - 2, workers: workers)
        #expect(other.y == whole.y)
      }
      let natural = Self.forward(
        sizes, x, kernels, bias, isReLU: false, pitch: inputDepth, workers: 2)
      #expect(natural.y == whole.y)
      sizes.batch = 1
      let alone = Self.forward(
        sizes, Array(x.suffix(sizes.inputCount)), kernels, bias, isReLU: false, workers: 1)
      #expect(alone.y == Array(whole.y.suffix(alone.y.count)))
    }
  }

  @Test("with pooling: the maxima of the same bits, and who they were", arguments: supportedSets)
  func pools(set: InstructionSet) {
    var random = SeededGenerator(seed: 13)
    for trial in 0..<30 {
      var sizes = ConvolutionReference.random(&random, stride: 1...2)
      sizes.height += 2
      sizes.width += 2
      var (x, kernels, bias) = data(sizes, &random, perPosition: false)
      if trial % 5 < 2 {
        // Whole numbers, so that maxima are often equal, and often zero.
        sizes.inputDepth = 1
        x = x.prefix(sizes.inputCount).map { $0.rounded() }
        kernels = kernels.prefix(sizes.kernelCount).map { $0.rounded() }
        bias = bias.map { $0.rounded() }
      }
      let isReLU = trial % 4 != 0
      let y = Self.forward(sizes, x, kernels, bias, isReLU: false, set, workers: 1).y
      let pooled = Self.forwardPooled(
        sizes, x, kernels, bias, isReLU: isReLU, extra: trial % 2, set, workers: 1 + trial % 3)
      let (maxima, from) = sizes.pool(y.map(Double.init))
      let expected = maxima.map { Float(isReLU ? max(0, $0) : $0) }
      #expect(pooled.y == expected, "\(sizes)")
      #expect(pooled.isClean, "\(sizes)")
      let winners = zip(maxima, from).map { maximum, from in
        isReLU && maximum <= 0
          ? 4
          : UInt8(
            from / sizes.outputWidth % sizes.outputHeight % 2 * 2 + from % sizes.outputWidth % 2)
      }
      #expect(pooled.winners == winners, "\(sizes)")
    }
  }

  @Test("a NaN stays one through ReLU and pooling")
  func keepsNaN() {
    var random = SeededGenerator(seed: 14)
    let sizes = ConvolutionReference(
      batch: 1, inputDepth: 1, height: 4, width: 4, depth: 3, kernelHeight: 1, kernelWidth: 1)
    var (x, kernels, bias) = data(sizes, &random, perPosition: false)
    for index in [0, 3, 13, 10] { x[index] = .nan }
    let pooled = Self.forwardPooled(sizes, x, kernels, bias, isReLU: true, workers: 1).y
    let areAllNaN = pooled.allSatisfy(\.isNaN)
    #expect(areAllNaN)
    let y = Self.forward(sizes, x, kernels, bias, isReLU: true, workers: 1).y
    #expect(y.map(\.isNaN) == (0..<3).flatMap { _ in x.map(\.isNaN) })
  }

  @Test("the plain layer says the same")
  func agreesWithThePlainLayer() throws {
    var random = SeededGenerator(seed: 15)
    for (depth, perPosition) in [(5, true), (33, false)] {
      let sizes = ConvolutionReference(
        batch: 3, inputDepth: 4, height: 12, width: 10, depth: depth, kernelHeight: 3,
        kernelWidth: 3)
      let (x, kernels, bias) = data(sizes, &random, perPosition: perPosition)
      let layer = try Convolution(
        depth: depth, kernelSize: 3, bias: perPosition ? .perPosition : .perChannel
      ).build(
        for: [4, 12, 10],
        parameters: Parameters([
          "weight": try Tensor([depth, 4, 3, 3], elements: kernels),
          "bias": try Tensor(perPosition ? [depth, 10, 8] : [depth], elements: bias),
        ]))
      let y = output(of: layer, try Tensor([3, 4, 12, 10], elements: x)).elements
      let found = Self.forward(sizes, x, kernels, bias, isReLU: false, workers: 2).y
      #expect(largestError(found, y.map(Double.init)) < 2e-6)
    }
  }

  private func output(of layer: some Layer, _ x: Tensor) -> Tensor {
    layer.forward(x, Pass(.inference)).y
  }

  // MARK: - Runs

  private func data(
    _ sizes: ConvolutionReference, _ random: inout SeededGenerator, perPosition: Bool
  ) -> (x: [Float], kernels: [Float], bias: [Float]) {
    let positions = perPosition ? sizes.outputHeight * sizes.outputWidth : 1
    return (
      normals(sizes.inputCount, &random), normals(sizes.kernelCount, &random),
      normals(sizes.depth * positions, &random)
    )
  }

  private func add(_ bias: [Float], to y: inout [Double], _ sizes: ConvolutionReference) {
    let area = sizes.outputHeight * sizes.outputWidth
    for index in y.indices {
      y[index] += Double(
        bias[bias.count == sizes.depth ? index / area % sizes.depth : index % bias.count])
    }
  }

  /// The convolution's output, and whether nothing else was written.
  private static func forward(
    _ sizes: ConvolutionReference, _ x: [Float], _ kernels: [Float], _ bias: [Float]?,
    isReLU: Bool, extra: Int = 0, pitch: Int? = nil, _ set: InstructionSet = .current, workers: Int
  ) -> (y: [Float], isClean: Bool) {
    let trial = StepTrial()
    let packed = trial.pack(sizes, kernels, bias, extra: extra, pitch: pitch, set)
    let y = Pixels(
      trial.layout.activation(
        .channelsLast, batch: sizes.batch, channels: sizes.depth, height: sizes.outputHeight,
        width: sizes.outputWidth, border: extra))
    let step = ChannelsLastForward(
      packed, to: y, isReLU: isReLU, in: &trial.layout, workers: workers, for: set)
    trial.write(x, to: packed.convolution.input)
    trial.run([packed, step], workers: workers)
    return (trial.read(y), trial.isZeroElsewhere(y) && trial.isIntact)
  }

  /// The same with pooling, and the winners in the order of a tensor's elements.
  private static func forwardPooled(
    _ sizes: ConvolutionReference, _ x: [Float], _ kernels: [Float], _ bias: [Float]?,
    isReLU: Bool, extra: Int = 0, _ set: InstructionSet = .current, workers: Int
  ) -> (y: [Float], winners: [UInt8], isClean: Bool) {
    let trial = StepTrial()
    let packed = trial.pack(sizes, kernels, bias, extra: extra, pitch: nil, set)
    let y = Pixels(
      trial.layout.activation(
        extra == 0 ? .channelsLast : .rows, batch: sizes.batch, channels: sizes.depth,
        height: sizes.pooledHeight, width: sizes.pooledWidth, border: extra))
    let winners = PoolingWinners(
      batch: sizes.batch, channels: sizes.depth, height: y.height, width: y.width,
      in: &trial.layout)
    let step = ChannelsLastForwardPooled(
      packed, to: y, winners: winners, isReLU: isReLU, in: &trial.layout, workers: workers,
      for: set)
    let inference = ChannelsLastForwardPooled(
      packed, to: y, winners: nil, isReLU: isReLU, in: &trial.layout, workers: workers, for: set)
    trial.write(x, to: packed.convolution.input)
    trial.run([packed, inference], workers: workers)
    let predicted = trial.read(y)
    trial.run([step], workers: workers)
    let isSame = zip(predicted, trial.read(y)).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }
    return (
      trial.read(y), trial.read(winners, channels: sizes.depth, batch: sizes.batch),
      isSame && trial.isZeroElsewhere(y) && trial.isIntact
    )
  }
}
