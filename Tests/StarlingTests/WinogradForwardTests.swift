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
