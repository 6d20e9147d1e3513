import LineByLine
import Testing

@Suite("Numbers that can be checked by hand")
struct FixtureTests {
  let X = Fixture.X
  let K = Fixture.K
  let dY = Fixture.dY

  @Test("X ⋆ K slides the kernel as it is")
  func crossCorrelation() {
    // 1·1 + 6·2 + 5·(−1) + 3·0 = 8, and so on.
    #expect((X ⋆ K) == [[8, 7], [4, 5]])
  }

  @Test("X ∗ K, where the kernel is rotated, is something else")
  func convolution() {
    #expect(K.rotated180 == [[0, -1], [2, 1]])
    #expect(convolve(X, K, mode: .valid) == [[7, 5], [11, 3]])
    #expect((X ⋆ K.rotated180) == [[7, 5], [11, 3]])
  }

  @Test("∗ is full: larger than its input by kernel size − 1")
  func fullConvolution() {
    #expect((dY ∗ K) == [[1, 2, 0], [1, 3, -2], [-2, 1, 0]])
  }

  @Test("The layer, forward")
  func forward() throws {
    #expect(try Fixture.layer().forward(Volume([X])) == Volume([[[8, 7], [4, 5]]]))
  }

  @Test("The forward pass starts with the bias of each position")
  func forwardWithBiases() throws {
    let layer = try Fixture.layer(biases: Volume([[[10, 20], [30, 40]]]))
    #expect(layer.forward(Volume([X])) == Volume([[[18, 27], [34, 45]]]))
  }

  @Test("The layer, backward: dE/dK, dE/dB and dE/dX")
  func backward() throws {
    let (dX, gradient) = try Fixture.layer().backward(Volume([dY]), input: Volume([X]))
    #expect(gradient.dK[0, 0] == [[8, 11], [19, -1]])
    #expect(gradient.dB == Volume([dY]))
    #expect(dX == Volume([[[1, 2, 0], [1, 3, -2], [-2, 1, 0]]]))
  }

  @Test("A tied bias is added at every position, and its gradient is the sum over them")
  func tiedBias() throws {
    let layer = try Fixture.layer(biases: Volume([[[10]]]))
    #expect(layer.bias == .perChannel)
    #expect(layer.forward(Volume([X])) == Volume([[[18, 17], [14, 15]]]))
    #expect(layer.backward(Volume([dY]), input: Volume([X])).gradient.dB == Volume([[[2]]]))
  }

  @Test("Two channels: their sums are added up, forward over i and backward over j")
  func channels() throws {
    let layer = try ConvolutionalLayer(
      inputShape: [2, 1, 2], kernels: Kernels([[[[1]], [[10]]], [[[2]], [[20]]]]),
      biases: Volume(shape: [2, 1, 2]))
    let X = Volume([[[1, 2]], [[3, 4]]])
    // Y_0 = 1·X_0 + 10·X_1 and Y_1 = 2·X_0 + 20·X_1.
    #expect(layer.forward(X) == Volume([[[31, 42]], [[62, 84]]]))
    let (dX, gradient) = layer.backward(Volume([[[1, 0]], [[0, 1]]]), input: X)
    // dE/dX_0 = 1·dE/dY_0 + 2·dE/dY_1 and dE/dX_1 = 10·dE/dY_0 + 20·dE/dY_1.
    #expect(dX == Volume([[[1, 2]], [[10, 20]]]))
    #expect(gradient.dK == Kernels([[[[1]], [[3]]], [[[2]], [[4]]]]))
  }

  @Test("One step of gradient descent")
  func update() throws {
    var layer = try Fixture.layer()
    let gradient = layer.backward(Volume([dY]), input: Volume([X])).gradient
    layer.update(by: gradient, learningRate: 0.5)
    #expect(layer.kernels[0, 0] == [[-3, -3.5], [-10.5, 0.5]])
    #expect(layer.biases == Volume([[[-0.5, 0], [-1, 0.5]]]))
  }
}

@Suite("The classic mistakes, and what they give")
struct ClassicMistakesTests {
  @Test("Arguments reversed: dY ⋆ X is dE/dK turned by 180°")
  func argumentsReversed() {
    // Only the full mode lets the larger one slide; its middle is what a library that exchanges the
    // two, as SciPy does, calls valid.
    let reversed = crossCorrelate(Fixture.dY, Fixture.X, mode: .full)
      .part(row: 1, column: 1, rows: 2, columns: 2)
    #expect(reversed == [[-1, 19], [11, 8]])
    #expect(reversed == (Fixture.X ⋆ Fixture.dY).rotated180)
    #expect((Fixture.X ⋆ Fixture.dY) == [[8, 11], [19, -1]])
  }

  @Test("Kernel not rotated for dE/dX")
  func kernelNotRotated() {
    let wrong = crossCorrelate(Fixture.dY, Fixture.K, mode: .full)
    #expect(wrong == [[0, -1, 0], [2, -1, 1], [4, 0, -1]])
    #expect(wrong != (Fixture.dY ∗ Fixture.K))
  }

  @Test("The gradient as printed lacks the 1/m")
  func gradientAsPrinted() {
    let (y, ŷ) = (Volume(column: [1, 0]), Volume(column: [0.8, 0.3]))
    let loss = BinaryCrossEntropy()
    #expect(
      relativeError(
        loss.gradient(target: y, prediction: ŷ), Volume(column: [-0.625, 1 / 1.4])) < 1e-15)
    #expect(
      relativeError(
        loss.gradientAsPrinted(target: y, prediction: ŷ), Volume(column: [-1.25, 1 / 0.7])) < 1e-15)
    let slopes = finiteDifferences(at: ŷ) { loss.error(target: y, prediction: $0) }
    #expect(relativeError(slopes, loss.gradient(target: y, prediction: ŷ)) < 1e-9)
    #expect(relativeError(slopes, loss.gradientAsPrinted(target: y, prediction: ŷ)) > 0.4)
  }

  @Test("Updating before the gradient has passed through changes what the layer before hears")
  func updateBeforeBackward() throws {
    var layer = try Fixture.layer()
    let right = layer.backward(Volume([Fixture.dY]), input: Volume([Fixture.X]))
    layer.update(by: right.gradient, learningRate: 0.1)
    let late = layer.backward(Volume([Fixture.dY]), input: Volume([Fixture.X]))
    #expect(relativeError(late.dX, right.dX) > 0.1)
  }
}
