import Starling
import Testing

@Suite struct WinogradForwardTests {
  /// Runs the forward pass of a case.
  private func forward(
    _ test: WinogradCase, x: [Float], end: WinogradForward.End = .none, workers: Int? = nil
  ) -> (y: [Float], isRestZero: Bool) {
    let bench = StepBench(parameters: [test.kernels, test.biases])
    let input = bench.layout.activation(
      .channelsLast, batch: test.batch, channels: test.inputDepth, height: test.height,
      width: test.width, border: test.inputBorder)
    let output = bench.layout.activation(
      .channelsLast, batch: test.batch, channels: test.depth, height: test.outputHeight,
      width: test.outputWidth, border: test.outputBorder)
    let pack = WinogradPackKernels(
      test.size, depth: test.depth, inputDepth: test.inputDepth, weight: 0, bias: 1,
      in: &bench.layout, for: test.set)
    let step = WinogradForward(
      input, padding: test.padding, pack.kernels, end, to: output,
      workers: workers ?? test.workers, in: &bench.layout, for: test.set)
    bench.fill(input, with: x)
    bench.fill(output)
    bench.run([pack, step], workers: test.workers)
    let images = bench.images(of: output)
    return (images.numbers, images.isRestZero)
  }

  @Test("Y is what the formula says, and nothing but Y is written", arguments: WinogradCase.all)
  func formula(test: WinogradCase) {
    let (y, isRestZero) = forward(test, x: test.x)
    #expect(largestError(of: y, from: test.expectedY) < 2e-5)
    #expect(isRestZero)
  }

  @Test("a ReLU is max(0, Y), to the bit", arguments: WinogradSize.allCases)
  func relu(size: WinogradSize) {
    let test = WinogradCase(size: size)
    let (y, _) = forward(test, x: test.x)
    let (z, isRestZero) = forward(test, x: test.x, end: .relu)
    #expect(z == y.map { max(0, $0) })
    #expect(z.contains(0) && z != y.map { _ in 0 } && isRestZero)
  }

  @Test("fused max pooling is the largest of each four, and its positions are theirs")
  func pooling() {
    for (set, size) in WinogradCase.setsAndSizes {
      for (relu, side) in [(true, 13), (false, 13), (true, 8), (false, 4)] {
        var test = WinogradCase(size: size, set: set, height: side, width: side + 1, padding: 0)
        (test.outputBorder, test.workers) = (2, 2)
        let (y, _) = forward(test, x: test.x)
        let expected = windows(of: y, test, relu: relu)
        let found = pooled(
          test, height: test.outputHeight / 2, width: test.outputWidth / 2, relu: relu)
        #expect(found.y == expected.y, "\(test.testDescription)")
        #expect(found.positions == expected.positions, "\(test.testDescription)")
        #expect(found.isRestZero && Set(expected.positions).count == (relu ? 5 : 4))
      }
    }
  }

  @Test("kernels shared out to the workers in groups make the same bits, and the right ones")
  func groups() {
    // More floats of kernels than a cache holds, fewer tiles than a run has, and a block of kernels
    // for each of eight workers.
    let common = WinogradCase(batch: 1, inputDepth: 64, depth: 272, height: 6, width: 7)
    let expected = common.expectedY.map { max(0, $0) }
    for (set, size) in WinogradCase.setsAndSizes {
      var test = common
      (test.set, test.size) = (set, size)
      let (alone, isRestZero) = forward(test, x: test.x, end: .relu)
      #expect(largestError(of: alone, from: expected) < 2e-5 && isRestZero)
      let (height, width) = (test.outputHeight / 2, test.outputWidth / 2)
      let windows = windows(of: forward(test, x: test.x).y, test, relu: true)
      for workers in [1, 2, 3, 8] {
        test.workers = workers
        let some = forward(test, x: test.x, end: .relu)
        #expect(some.y == alone && some.isRestZero, "\(test.testDescription)")
        let found = pooled(test, height: height, width: width, relu: true)
        #expect(found.y == windows.y, "\(test.testDescription)")
        #expect(found.positions == windows.positions && found.isRestZero)
      }
    }
  }

  /// The largest numbers of the windows of a case's outputs, and which of the four each is.
  private func windows(
    of y: [Float], _ test: WinogradCase, relu: Bool
  ) -> (y: [Float], positions: [UInt8]) {
    var (all, positions): ([Float], [UInt8]) = ([], [])
    for map in 0..<test.batch * test.depth {
      for row in 0..<test.outputHeight / 2 {
        for column in 0..<test.outputWidth / 2 {
          let corner = (map * test.outputHeight + 2 * row) * test.outputWidth + 2 * column
          let window = (0..<4).map { y[corner + $0 / 2 * test.outputWidth + $0 % 2] }
          let largest = window.max() ?? .nan
          all.append(relu ? max(0, largest) : largest)
          let isLost = relu && largest <= 0
          positions.append(isLost ? 4 : UInt8(window.firstIndex(of: largest) ?? 5))
        }
      }
    }
    return (all, positions)
  }

  @Test("of equal outputs the first is the largest, and 0 is not above the ReLU's floor")
  func ties() {
    for (set, size) in WinogradCase.setsAndSizes {
      let test = WinogradCase(size: size, set: set, height: 10, width: 10, padding: 0)
      let biases: [Float] = [1, 0, -1, 2, 0, -2, 3]
      let found = pooled(
        test, x: test.x.map { _ in 0 }, biases: biases, height: 4, width: 4, relu: true)
      let ofChannel: [UInt8] = biases.map { $0 > 0 ? 0 : 4 }
      let expected = (0..<2 * 7 * 16).map { ofChannel[$0 / 16 % 7] }
      #expect(found.positions == expected)
    }
  }

  /// The pooled outputs of a case and their positions, both in [batch][channel][row][column].
  private func pooled(
    _ test: WinogradCase, x: [Float]? = nil, biases: [Float]? = nil, height: Int,
    width: Int, relu: Bool
  ) -> (y: [Float], isRestZero: Bool, positions: [UInt8]) {
    let bench = StepBench(parameters: [test.kernels, biases ?? test.biases])
    let input = bench.layout.activation(
      .channelsLast, batch: test.batch, channels: test.inputDepth, height: test.height,
      width: test.width)
    let output = bench.layout.activation(
      .channelsLast, batch: test.batch, channels: test.depth, height: height, width: width,
      border: test.outputBorder)
    let record = bench.layout.slot(test.batch * height * width * output.pitch / 4)
    let pack = WinogradPackKernels(
      test.size, depth: test.depth, inputDepth: test.inputDepth, weight: 0, bias: 1,
      in: &bench.layout, for: test.set)
    let step = WinogradForward(
      input, padding: test.padding, pack.kernels, .pooling(relu: relu, positions: record),
      to: output, workers: test.workers, in: &bench.layout, for: test.set)
    bench.fill(input, with: x ?? test.x)
    bench.fill(output)
    bench.run([pack, step], workers: test.workers)
    let bytes = bench.bytes(at: record)
    var positions: [UInt8] = []
    for image in 0..<test.batch {
      for channel in 0..<test.depth {
        for pixel in 0..<height * width {
          positions.append(bytes[(image * height * width + pixel) * output.pitch + channel])
        }
      }
    }
    let images = bench.images(of: output)
    return (images.numbers, images.isRestZero, positions)
  }

  @Test("a NaN in the input reaches the outputs that see it, through ReLU and pooling")
  func notANumber() {
    for (set, size) in WinogradCase.setsAndSizes {
      let test = WinogradCase(size: size, set: set, batch: 1, height: 10, width: 10, padding: 0)
      var x = test.x
      // The last pixel of a tile's first row, which only the last output of the tile's first row sees.
      x[size.rawValue + 1] = .nan
      let last = size.rawValue - 1
      let y = forward(test, x: x, end: .relu).y
      #expect(y[last].isNaN && !y[last - 1].isNaN)
      #expect(pooled(test, x: x, height: 4, width: 4, relu: true).y[last / 2].isNaN)
    }
  }

  @Test(
    "the largest error over the standard deviation is what the documentation says",
    arguments: zip(WinogradSize.allCases, [(0.5e-6, 2.4e-6), (3e-6, 9e-6)]))
  func error(size: WinogradSize, bounds: (Double, Double)) {
    for depth in [16, 64] {
      let test = WinogradCase(
        size: size, batch: 4, inputDepth: depth, depth: 32, height: 16, width: 16)
      let error = largestError(of: forward(test, x: test.x).y, from: test.expectedY)
      #expect(error > bounds.0 && error < bounds.1, "depth \(depth): \(error)")
    }
  }

  @Test("an image has the same bits in any batch, with any number of workers")
  func sameBits() {
    for size in WinogradSize.allCases {
      var test = WinogradCase(size: size, batch: 33, inputDepth: 20, depth: 18)
      let (alone, _) = forward(test, x: test.x)
      for workers in [2, 3, 8] {
        test.workers = workers
        #expect(forward(test, x: test.x).y == alone)
        // Fewer places than workers: the rest have nothing to do.
        #expect(forward(test, x: test.x, workers: 1).y == alone)
      }
      let (count, last) = (alone.count / 33, 32)
      let pixels = test.x.count / 33
      let image = Array(test.x[last * pixels..<(last + 1) * pixels])
      test.batch = 1
      #expect(forward(test, x: image).y == Array(alone[last * count..<(last + 1) * count]))
    }
  }
}
