import Foundation
import Starling
import Testing

@Suite("Networks")
struct NetworkTests {
  @Test("The deck's network has 341,727 numbers to learn, layer by layer as on its slide")
  func deckNetwork() throws {
    let network = try Network(input: [1, 28, 28], seed: 1) {
      Convolution(depth: 5, kernelSize: 3, bias: .perPosition)
      Sigmoid()
      Reshape([5 * 26 * 26])
      Dense(100)
      Sigmoid()
      Dense(2)
      Sigmoid()
    }
    #expect(network.parameterCount == 341_727)
    #expect(network.parameters.map(\.count) == [45 + 3380, 0, 0, 338_100, 0, 202, 0])
    #expect(network.outputShape == [2])
    #expect(
      network.layers.map(\.outputShape) == [
        [5, 26, 26], [5, 26, 26], [3380], [100], [100], [2], [2],
      ])
    let preset = try Network(
      input: Preset.zeroOne.inputShape, seed: 1, recipes: Preset.zeroOne.recipes(classes: 2))
    #expect(preset == network)
    #expect(network.place(ofLayer: 3) == "layer 3 (Dense)")
  }

  @Test("The builder takes conditions, loops and lists", arguments: [true, false])
  func builder(isDeep: Bool) throws {
    let tail: [any Recipe] = [Dense(2), Softmax()]
    let network = try Network(input: [1, 4, 4], seed: 1) {
      if isDeep { Convolution(depth: 2, kernelSize: 2) }
      Flatten()
      for size in [5, 4, 3] {
        Dense(size)
        if isDeep { ReLU() } else { Tanh() }
      }
      tail
    }
    let hidden = isDeep ? "ReLU" : "Tanh"
    #expect(
      network.recipes.map(\.name) == (isDeep ? ["Convolution"] : []) + [
        "Flatten", "Dense", hidden, "Dense", hidden, "Dense", hidden, "Dense", "Softmax",
      ])
    #expect(network.parameterCount > 0)
  }

  @Test("First weights have the size that they say, and biases are zero")
  func firstParameters() throws {
    let network = try Network(input: [1, 30, 30], seed: 1) {
      Convolution(depth: 40, kernelSize: 5)
      Flatten()
      Dense(3)
    }
    for (position, inputs) in [(0, 25), (2, 40 * 26 * 26)] {
      let weights = network.parameters[position]["weight"].elements.map(Double.init)
      let variance = weights.reduce(0) { $0 + $1 * $1 } / Double(weights.count)
      #expect(abs(variance * Double(inputs) - 1) < 0.15)
      #expect(network.parameters[position]["bias"].elements.allSatisfy { $0 == 0 })
    }
  }

  @Test("A prediction is the best class, with its score")
  func prediction() throws {
    // The weights of an identity: the scores are the image.
    var network = try Network(
      input: [3], recipes: [Dense(3)],
      parameters: [
        Parameters([
          "weight": try Tensor([3, 3], elements: [1, 0, 0, 0, 1, 0, 0, 0, 1]),
          "bias": Tensor(zeros: [3]),
        ])
      ])
    let image = try Tensor([3], elements: [0.25, 0.75, -1])
    var answer = try network.predict(image)
    #expect(answer.label == "1")
    #expect(answer.classIndex == 1)
    #expect(answer.confidence == 0.75)
    #expect(answer.scores == [0.25, 0.75, -1])
    network.classNames = ["cat", "dog", "owl"]
    answer = try network.predict(image)
    #expect(answer.label == "dog")
    #expect(network.outputNames == ["cat", "dog", "owl"])

    network.classNames = ["cat", "dog"]
    let error = #expect(throws: ShapeError.self) { try network.predict(image) }
    #expect(
      error?.description
        == "network, class names: expected 3, one for each output, got 2; "
        + "set classNames to as many, or to nil")
  }

  @Test("Activations are each layer's output, and the last is the network's to rounding")
  func activations() throws {
    let network = try Network.small()
    let images = Tensor.random([4, 1, 6, 5], seed: 1)
    let activations = try network.activations(images)
    #expect(activations.map(\.shape) == network.layers.map { $0.outputShape.batched(4) })
    let outputs = try network(images)
    let last = try #require(activations.last)
    #expect(zip(last.elements, outputs.elements).allSatisfy { abs($0 - $1) <= 1e-6 })
    #expect(activations[2].elements == activations[1].elements)
  }

  @Test("A network is a value: what is taught to a copy, the original does not learn")
  func valueSemantics() throws {
    let original = try Network.small()
    let bits = original.bits
    var copy = original
    var trainer = Trainer(loss: CategoricalCrossEntropy(), optimizer: SGD(learningRate: 0.1))
    _ = try trainer.epoch(&copy, on: .stripes(10))
    #expect(original.bits == bits)
    #expect(copy.bits != bits)
    #expect(copy != original)
    // Nor does looking at a network change it.
    let before = copy
    _ = try copy.predict(Tensor(zeros: [1, 6, 5]))
    _ = try copy.evaluate(on: .stripes(10), loss: CategoricalCrossEntropy())
    _ = try copy.checkGradients(
      loss: CategoricalCrossEntropy(), images: .random([2, 1, 6, 5], seed: 1),
      targets: .oneHot(2, 3, seed: 1), directions: 1)
    #expect(copy == before)
  }

  @Test("Networks are equal when everything about them is")
  func equality() throws {
    let network = try Network.small()
    #expect(try network == .small())
    #expect(try network != .small(seed: 2))
    var other = network
    other.classNames = ["a", "b", "c"]
    #expect(other != network)
    other = network
    other.preprocessing = .mnist
    #expect(other != network)
    // The same shapes and numbers, another function.
    let tanh = try Network(input: [3], seed: 1) { Tanh() }
    let sigmoid = try Network(input: [3], seed: 1) { Sigmoid() }
    #expect(tanh != sigmoid)
  }

  @Test("An evaluation counts what a hand would count")
  func evaluation() throws {
    // 70 images: three batches of the evaluation, the last one smaller.
    let data = try Dataset.stripes(70)
    let network = try Network.small()
    let evaluation = try network.evaluate(on: data, loss: CategoricalCrossEntropy())
    var confusion = [[Int]](repeating: [0, 0, 0], count: 3)
    var error = 0.0
    for position in 0..<70 {
      let answer = try network.predict(data[position].image)
      #expect(answer == evaluation.predictions[position])
      #expect(answer.classIndex == evaluation.predictions.classIndex(at: position))
      confusion[data[position].label][answer.classIndex] += 1
      error -= log(Double(answer.scores[data[position].label]))
    }
    #expect(evaluation.images == 70)
    #expect(evaluation.predictions.count == 70)
    #expect(evaluation.confusion == confusion)
    let correct = confusion[0][0] + confusion[1][1] + confusion[2][2]
    // A network that makes no mistake would show nothing.
    #expect(correct > 0 && correct < 70)
    #expect(evaluation.correct == correct)
    #expect(evaluation.accuracy == Double(correct) / 70)
    #expect(abs(evaluation.error - error / 70) < 1e-6)
    // A loss that is not taken together with the softmax sees the same outputs.
    let squares = try network.evaluate(on: data, loss: MeanSquaredError())
    #expect(squares.predictions == evaluation.predictions)
  }
}
