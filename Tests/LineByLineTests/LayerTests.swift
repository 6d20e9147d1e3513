import LineByLine
import Testing

@Suite("Layers, their sizes and their weights")
struct LayerTests {
  @Test("The deck's network has 341,727 numbers to learn")
  func parameters() throws {
    var random = SplitMix64(seed: 1)
    let network = try Network.deck(using: &random)
    let convolution = try #require(network.layers[0] as? ConvolutionalLayer)
    let dense = network.layers.compactMap { $0 as? Dense }
    #expect(convolution.kernels.matrices.map(\.values.count).reduce(0, +) == 45)
    #expect(convolution.biases.shape == [5, 26, 26])
    #expect(convolution.biases.shape.count == 3380)
    #expect(dense.map { $0.weights.values.count + $0.biases.values.count } == [338_100, 202])
  }

  @Test("Same seed, same weights; they lie within 1/√n and are exact in Float")
  func weights() throws {
    let shape: VolumeShape = [2, 5, 6]
    let layer = try ConvolutionalLayer(inputShape: shape, kernelSize: 3, depth: 4, seed: 9)
    #expect(try ConvolutionalLayer(inputShape: shape, kernelSize: 3, depth: 4, seed: 9) == layer)
    #expect(try ConvolutionalLayer(inputShape: shape, kernelSize: 3, depth: 4, seed: 10) != layer)
    let numbers = layer.kernels.matrices.flatMap(\.values) + layer.biases.values
    #expect(numbers.count == 4 * 2 * 9 + 4 * 3 * 4)
    #expect(numbers.allSatisfy { abs($0) <= 1 / 18.0.squareRoot() && Double(Float($0)) == $0 })
    #expect(numbers.contains { $0 < -0.2 } && numbers.contains { $0 > 0.2 })
  }

  @Test("The generator gives SplitMix64's published numbers for the seed 1234567")
  func generator() {
    var random = SplitMix64(seed: 1_234_567)
    #expect(random.next() == 6_457_827_717_110_365_317)
    #expect(random.next() == 3_203_168_211_198_807_973)
  }

  @Test("A tied layer draws one bias a kernel")
  func tied() throws {
    let layer = try ConvolutionalLayer(
      inputShape: [1, 4, 4], kernelSize: 2, depth: 3, bias: .perChannel)
    #expect(layer.biases.shape == [3, 1, 1])
    #expect(layer.outputShape == [3, 3, 3])
  }

  @Test("Sizes that do not go together are errors that say what to do")
  func sizes() {
    expectError("a kernel of 5×5 does not fit into an input of 3×4; take a smaller kernel or a") {
      _ = try ConvolutionalLayer(inputShape: [1, 3, 4], kernelSize: 5, depth: 1)
    }
    expectError("a kernel has at least one row and one column, not 0×0") {
      _ = try ConvolutionalLayer(inputShape: [1, 3, 4], kernelSize: 0, depth: 1)
    }
    expectError("a layer has at least one input channel and one kernel, not 1 and 0") {
      _ = try ConvolutionalLayer(inputShape: [1, 3, 4], kernelSize: 2, depth: 0)
    }
    expectError("kernels of 1 channels do not go with an input of depth 2") {
      _ = try ConvolutionalLayer(
        inputShape: [2, 3, 3], kernels: Kernels([[Fixture.K]]), biases: Volume([[[0]]]))
    }
    expectError("biases of 1×3×3 do not go with an output of 1×2×2; give one for each position") {
      _ = try Fixture.layer(biases: Volume(shape: [1, 3, 3]))
    }
    expectError("2×3×4 holds 24 numbers and 1×25×1 holds 25") {
      _ = try Reshape([2, 3, 4], [1, 25, 1])
    }
    expectError("a dense layer has at least one input and one output, not 0 and 2") {
      _ = try Dense(0, 2)
    }
    expectError("biases of 1×2 do not go with weights of 2×2; give a column of 2") {
      _ = try Dense(weights: [[1, 2], [3, 4]], biases: [[1, 2]])
    }
    expectError("there are no examples to learn from") {
      var network = Network([Sigmoid()])
      _ = try train(&network, loss: MeanSquaredError(), on: [])
    }
  }

  @Test("Sizes below 1, and sizes too large for any machine, are errors and no traps")
  func impossibleSizes() {
    expectError("an output of 1×-2×-2 cannot be: each size is at least 1") {
      _ = try Reshape([1, 2, 2], [1, -2, -2])
    }
    expectError("an input of 0×2×2 cannot be") { _ = try Reshape([0, 2, 2], [0, 1, 1]) }
    let many = Int.max / 4
    expectError("an input of \(many)×\(many)×1 would hold more than 2³¹ − 1 numbers; take smaller")
    {
      _ = try Reshape([many, many, 1], [1, many, many])
    }
    expectError("kernels of \(many)×1×2×2 would hold more than 2³¹ − 1 numbers") {
      _ = try ConvolutionalLayer(inputShape: [1, 3, 4], kernelSize: 2, depth: many)
    }
    expectError("an output of 100000×200×200 would hold more than 2³¹ − 1 numbers") {
      _ = try ConvolutionalLayer(inputShape: [1, 200, 200], kernelSize: 1, depth: 100_000)
    }
    expectError("an input of 1×\(many)×\(many) would hold more than 2³¹ − 1 numbers") {
      _ = try ConvolutionalLayer(
        inputShape: [1, many, many], kernels: Kernels([[Fixture.K]]), biases: Volume([[[0]]]))
    }
    expectError("a weight matrix of \(many)×2 would hold more than 2³¹ − 1 numbers") {
      _ = try Dense(2, many)
    }
  }

  @Test("Nothing whose sizes have to agree can be decoded, and so pass its checks by")
  func decoding() {
    let types: [Any.Type] = [
      Matrix.self, Kernels.self, Volume.self, Example.self, Prediction.self,
      KernelGradientDerivation.self,
    ]
    for type in types { #expect(!(type is any Decodable.Type), "\(type)") }
    #expect((TraceStep.self as Any.Type) is any Decodable.Type)
  }

  @Test("Dense by hand: y = b + W ⋅ x, and back")
  func dense() throws {
    let layer = try Dense(weights: [[1, 2, 3], [4, 5, 6]], biases: [[10], [20]])
    #expect(layer.forward(Volume(column: [1, 0, -1])).values == [8, 18])
    let (dX, gradient) = layer.backward(
      Volume(column: [1, -1]), input: Volume(column: [7, 8, 9]))
    #expect(dX.values == [-3, -3, -3])
    #expect(gradient.dW == [[7, 8, 9], [-7, -8, -9]])
    #expect(gradient.db == [[1], [-1]])
  }

  @Test("A prediction is the largest score, and scores need not add up to 1")
  func prediction() {
    let prediction = predict(Network([]), Volume(column: [0.2, 0.9, 0.4]))
    #expect(prediction.label == 1)
    #expect(prediction.confidence == 0.9)
    #expect(prediction.scores == [0.2, 0.9, 0.4])
  }

  private func expectError(_ beginning: String, _ body: () throws -> Void) {
    let error = #expect(throws: SizeError.self) { try body() }
    #expect(error?.description.hasPrefix(beginning) == true, "\(error?.description ?? "none")")
  }
}
