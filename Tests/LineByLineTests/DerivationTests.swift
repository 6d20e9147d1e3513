import LineByLine
import Testing

@Suite("The derivations, run")
struct DerivationTests {
  @Test("dE/dK of the fixture, term by term")
  func fixture() throws {
    let derivation = try KernelGradientDerivation(X: Fixture.X, dY: Fixture.dY)
    #expect(
      derivation.description == """
        dE/dK[0,0] = dE/dY[0,0]·X[0,0] + dE/dY[0,1]·X[0,1] + dE/dY[1,0]·X[1,0] \
        + dE/dY[1,1]·X[1,1] = 1·1 + 0·6 + 2·5 + -1·3 = 8
        dE/dK[0,1] = dE/dY[0,0]·X[0,1] + dE/dY[0,1]·X[0,2] + dE/dY[1,0]·X[1,1] \
        + dE/dY[1,1]·X[1,2] = 1·6 + 0·2 + 2·3 + -1·1 = 11
        dE/dK[1,0] = dE/dY[0,0]·X[1,0] + dE/dY[0,1]·X[1,1] + dE/dY[1,0]·X[2,0] \
        + dE/dY[1,1]·X[2,1] = 1·5 + 0·3 + 2·7 + -1·0 = 19
        dE/dK[1,1] = dE/dY[0,0]·X[1,1] + dE/dY[0,1]·X[1,2] + dE/dY[1,0]·X[2,1] \
        + dE/dY[1,1]·X[2,2] = 1·3 + 0·1 + 2·0 + -1·4 = -1
        """)
    #expect(derivation.dK == (Fixture.X ⋆ Fixture.dY))
  }

  @Test("∂Y_rc/∂K_uv is X_(r+u)(c+v): what Y gains when K_uv grows by 1")
  func partialDerivative() throws {
    let derivation = try KernelGradientDerivation(X: Fixture.X, dY: Fixture.dY)
    for element in derivation.elements {
      var grown = Fixture.K
      grown[element.u, element.v] += 1
      let gain = Fixture.X ⋆ grown - Fixture.X ⋆ Fixture.K
      for term in element.terms {
        #expect(term.dY_dK == gain[term.r, term.c])
      }
    }
  }

  @Test("The terms put together are X ⋆ dE/dY, for any sizes", arguments: 1...10)
  func assembled(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let dY = random.volume([1, random.size(upTo: 4), random.size(upTo: 4)])[0]
    let X = random.volume(
      [1, dY.rows + random.size(upTo: 4) - 1, dY.columns + random.size(upTo: 4) - 1])[0]
    #expect(
      relativeError(
        Volume([try KernelGradientDerivation(X: X, dY: dY).dK]), Volume([X ⋆ dY])) < 1e-14)
  }

  @Test("An output larger than its input is an error")
  func outputTooLarge() {
    #expect(throws: SizeError.self) { try KernelGradientDerivation(X: [[1]], dY: Fixture.dY) }
  }

  @Test("Gathering and scattering give the same dE/dX", arguments: 1...10)
  func twoWays(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let dY = random.volume([1, random.size(upTo: 5), random.size(upTo: 5)])[0]
    let K = random.volume([1, random.size(upTo: 4), random.size(upTo: 4)])[0]
    let (gathered, scattered) = (inputGradientByGathering(dY, K), inputGradientByScattering(dY, K))
    #expect(relativeError(Volume([gathered]), Volume([scattered])) < 1e-14)
  }

  @Test("Scattering by hand")
  func scattering() {
    #expect(
      inputGradientByScattering(Fixture.dY, Fixture.K) == [[1, 2, 0], [1, 3, -2], [-2, 1, 0]])
  }

  @Test("Dense is a convolution over n channels of 1×1, forward and backward")
  func denseAsConvolution() throws {
    let dense = try Dense(6, 4, seed: 7)
    let layer = try asConvolution(dense)
    var random = SplitMix64(seed: 8)
    let x = random.volume([1, 6, 1])
    let X = Volume(shape: [6, 1, 1], values: x.values)
    let dy = random.volume([1, 4, 1])
    let dY = Volume(shape: [4, 1, 1], values: dy.values)

    #expect(apart(layer.forward(X).values, dense.forward(x).values) < 1e-14)
    let (dX, gradient) = layer.backward(dY, input: X)
    let (dx, expected) = dense.backward(dy, input: x)
    #expect(apart(dX.values, dx.values) < 1e-14)
    #expect(apart(gradient.dK.matrices.flatMap(\.values), expected.dW.values) < 1e-14)
    #expect(gradient.dB.values == expected.db.values)
  }

  @Test("One map of n pixels under 1×1 kernels is no dense layer: nothing is summed")
  func counterExample() throws {
    let dense = try Dense(weights: [[2, 3, 4]], biases: [[1]])
    let x = Volume(column: [10, 100, 1000])
    #expect(dense.forward(x).values == [1 + 20 + 300 + 4000])
    let layer = try asConvolutionOverOneMap(dense)
    #expect(layer.forward(x) == Volume([[[1 + 20], [1 + 200], [1 + 2000]]]))
  }

  private func apart(_ a: [Double], _ b: [Double]) -> Double {
    a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? .infinity : .infinity
  }
}
