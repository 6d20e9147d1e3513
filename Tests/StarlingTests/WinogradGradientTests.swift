import Starling
import Testing

@Suite struct WinogradGradientTests {
  /// Runs both gradients of a case.
  private func gradients(
    _ test: WinogradCase, hasBias: Bool = true
  ) -> (dX: [Float], isRestZero: Bool, dK: [Float], dB: [Float], parts: [Int]) {
    let bench = StepBench(parameters: [test.kernels])
    let x = bench.layout.activation(
      .channelsLast, batch: test.batch, channels: test.inputDepth, height: test.height,
      width: test.width, border: test.inputBorder)
    let dX = bench.layout.activation(
      .channelsLast, batch: test.batch, channels: test.inputDepth, height: test.height,
      width: test.width, border: test.inputBorder)
    let dY = bench.layout.activation(
      .channelsLast, batch: test.batch, channels: test.depth, height: test.outputHeight,
      width: test.outputWidth, border: test.outputBorder)
    let pack = WinogradPackKernels(
      test.size, depth: test.depth, inputDepth: test.inputDepth, forGradient: true, weight: 0,
      in: &bench.layout, for: test.set)
    let toInput = WinogradForward(
      dY, padding: 2 - test.padding, pack.kernels, to: dX, workers: test.workers,
      in: &bench.layout, for: test.set)
    let toKernels = WinogradKernelGradient(
      x, padding: test.padding, dY, test.size, hasBias: hasBias,
      workers: test.workers == 3 ? 2 : test.workers,
      sharing: toInput.scratch,
      in: &bench.layout, for: test.set)
    bench.fill(x, with: test.x)
    bench.fill(dX)
    bench.fill(dY, with: test.dY)
    bench.run([pack, toInput, toKernels], workers: test.workers)
    let images = bench.images(of: dX)
    let biases = toKernels.biasGradient.map { Array(bench.numbers(at: $0)[..<test.depth]) }
    return (
      images.numbers, images.isRestZero, bench.numbers(at: toKernels.weightGradient), biases ?? [],
      [toKernels.blocks, toKernels.runs]
    )
  }

  @Test("dE/dX, dE/dK and dE/db are what the formulas say", arguments: WinogradCase.all)
  func formulas(test: WinogradCase) {
    let found = gradients(test)
    #expect(largestError(of: found.dX, from: test.expectedDX) < 2e-5)
    #expect(found.isRestZero)
    #expect(largestError(of: found.dK, from: test.expectedDK) < 2e-5)
    #expect(largestError(of: found.dB, from: test.expectedDB) < 2e-5)
  }

  @Test(
    "blocks of the batch, and runs that all workers share, add up",
    arguments: zip(WinogradSize.allCases, [[6, 2], [1, 2]]))
  func runs(size: WinogradSize, parts: [Int]) {
    let test = WinogradCase(size: size, batch: 41, inputDepth: 128, depth: 5, workers: 2)
    let found = gradients(test)
    #expect(found.parts == parts)
    #expect(largestError(of: found.dK, from: test.expectedDK) < 2e-5)
    #expect(largestError(of: found.dB, from: test.expectedDB) < 2e-5)
  }

  @Test("any number of workers makes the same bits")
  func sameBits() {
    for size in WinogradSize.allCases {
      var test = WinogradCase(size: size, batch: 33, inputDepth: 20, depth: 18, width: 9)
      let alone = gradients(test)
      for workers in [2, 3, 8] {
        test.workers = workers
        let found = gradients(test)
        #expect(found.dX == alone.dX && found.dK == alone.dK && found.dB == alone.dB)
      }
      #expect(gradients(test, hasBias: false).dK == alone.dK)
    }
  }
}
