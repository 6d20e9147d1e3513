import LineByLine
import Testing

@Suite("Every gradient against finite differences")
struct GradientTests {
  @Test("The convolutional layer: dE/dX, dE/dK and dE/dB", arguments: Bias.allCases, 1...8)
  func convolutionalLayer(bias: Bias, seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let (rows, columns) = (random.size(upTo: 3), random.size(upTo: 3))
    let shape = VolumeShape(
      depth: random.size(upTo: 3), height: rows + random.size(upTo: 4) - 1,
      width: columns + random.size(upTo: 4) - 1)
    let depth = random.size(upTo: 3)
    let kernels = Kernels(
      (0..<depth).map { _ in random.volume([shape.depth, rows, columns]).matrices })
    let biases = random.volume(
      bias == .perChannel
        ? [depth, 1, 1] : [depth, shape.height - rows + 1, shape.width - columns + 1])
    let layer = try ConvolutionalLayer(inputShape: shape, kernels: kernels, biases: biases)
    let X = random.volume(shape)
    let weights = random.volume(layer.outputShape)
    let (dX, gradient) = layer.backward(dE(layer.forward(X), weights), input: X)

    #expect(relativeError(dX, finiteDifferences(at: X) { E(layer.forward($0), weights) }) < 1e-6)
    let dK = finiteDifferences(at: Volume(kernels.matrices)) { moved in
      var layer = layer
      layer.kernels = Kernels(
        (0..<depth).map { j in
          Array(moved.matrices[j * shape.depth..<(j + 1) * shape.depth])
        })
      return E(layer.forward(X), weights)
    }
    #expect(relativeError(Volume(gradient.dK.matrices), dK) < 1e-6)
    let dB = finiteDifferences(at: biases) { moved in
      var layer = layer
      layer.biases = moved
      return E(layer.forward(X), weights)
    }
    #expect(relativeError(gradient.dB, dB) < 1e-6)
  }

  @Test("The dense layer: dE/dx, dE/dW and dE/db", arguments: 1...5)
  func dense(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let (inputs, outputs) = (random.size(upTo: 6), random.size(upTo: 6))
    let layer = try Dense(inputs, outputs, using: &random)
    let X = random.volume([1, inputs, 1])
    let weights = random.volume([1, outputs, 1])
    let (dX, gradient) = layer.backward(dE(layer.forward(X), weights), input: X)

    #expect(relativeError(dX, finiteDifferences(at: X) { E(layer.forward($0), weights) }) < 1e-6)
    let dW = finiteDifferences(at: Volume([layer.weights])) { moved in
      var layer = layer
      layer.weights = moved[0]
      return E(layer.forward(X), weights)
    }
    #expect(relativeError(Volume([gradient.dW]), dW) < 1e-6)
    let db = finiteDifferences(at: Volume([layer.biases])) { moved in
      var layer = layer
      layer.biases = moved[0]
      return E(layer.forward(X), weights)
    }
    #expect(relativeError(Volume([gradient.db]), db) < 1e-6)
  }

  @Test("Sigmoid, tanh and reshape: dE/dX")
  func layersWithoutParameters() throws {
    let shape: VolumeShape = [2, 3, 4]
    let layers: [any Layer] = [Sigmoid(), Tanh(), try Reshape(shape, [1, 24, 1])]
    for layer in layers {
      var random = SplitMix64(seed: 3)
      let X = random.volume(shape).map { 3 * $0 }
      let weights = random.volume(layer.forward(X).shape)
      let dX = layer.backward(dE(layer.forward(X), weights), input: X).dX
      #expect(relativeError(dX, finiteDifferences(at: X) { E(layer.forward($0), weights) }) < 1e-6)
    }
  }

  @Test("Both losses: dE/dŷ, over several outputs")
  func losses() {
    let losses: [any Loss] = [BinaryCrossEntropy(), MeanSquaredError()]
    for (loss, count) in losses.flatMap({ loss in [1, 2, 5].map { (loss, $0) } }) {
      var random = SplitMix64(seed: 4)
      let ŷ = random.volume([1, count, 1]).map { 0.5 + 0.4 * $0 }
      let y = random.volume([1, count, 1]).map { $0 > 0 ? 1 : 0 }
      let slopes = finiteDifferences(at: ŷ) { loss.error(target: y, prediction: $0) }
      #expect(relativeError(loss.gradient(target: y, prediction: ŷ), slopes) < 1e-6)
    }
  }

  @Test("The deck's network from end to end: dE/dX of the image, dE/dK of the first layer")
  func network() throws {
    var random = SplitMix64(seed: 5)
    let network = try Network.deck(image: [1, 5, 5], using: &random)
    let X = random.volume([1, 5, 5])
    let y = Volume(column: [1, 0])
    let loss = BinaryCrossEntropy()
    let volumes = network.forward(X)
    let (dX, gradients) = network.backward(
      loss.gradient(target: y, prediction: volumes[7]), volumes: volumes)

    let slopes = finiteDifferences(at: X) {
      loss.error(target: y, prediction: network.forward($0)[7])
    }
    #expect(relativeError(dX, slopes) < 1e-6)
    let first = try #require(network.layers[0] as? ConvolutionalLayer)
    let gradient = try #require(gradients[0] as? ConvolutionalLayer.Gradient)
    let dK = finiteDifferences(at: Volume(first.kernels.matrices)) { moved in
      var (network, first) = (network, first)
      first.kernels = Kernels(moved.matrices.map { [$0] })
      network.layers[0] = first
      return loss.error(target: y, prediction: network.forward(X)[7])
    }
    #expect(relativeError(Volume(gradient.dK.matrices), dK) < 1e-6)
  }

  /// An error that is no plain sum: E = Σ w (Y + Y²/2), with a weight for each output.
  private func E(_ Y: Volume, _ weights: Volume) -> Double {
    zip(Y.values, weights.values).reduce(0) { $0 + $1.1 * ($1.0 + $1.0 * $1.0 / 2) }
  }

  /// Its gradient: dE/dY = w (1 + Y).
  private func dE(_ Y: Volume, _ weights: Volume) -> Volume {
    weights ⊙ Y.map { 1 + $0 }
  }
}
