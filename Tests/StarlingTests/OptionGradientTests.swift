import Starling
import Testing

@Suite("Gradients of stride, padding, pooling, normalization and dropout")
struct OptionGradientTests {
  @Test("Every stride and padding, square and rectangular kernels", arguments: 1...3, 0...2)
  func convolution(stride: Int, padding: Int) throws {
    let kernels = [(1, 1), (2, 3), (3, 3), (4, 1), (1, 5), (5, 5)]
    let biases: [Convolution.Bias] = [.perPosition, .perChannel, .none]
    for (number, (height, width)) in kernels.enumerated() {
      let network = try Network(input: [2, 7, 9], seed: UInt64(number)) {
        Convolution(depth: 2, kernelSize: 2, padding: 1)
        Tanh()
        Convolution(
          depth: 3, kernelHeight: height, kernelWidth: width, stride: stride, padding: padding,
          bias: biases[(number + stride + padding) % 3])
        Tanh()
        Flatten()
        Dense(3)
        Softmax()
      }
      try expectRight(network, "kernel \(height)×\(width), stride \(stride), padding \(padding)")
    }
  }

  @Test("A stride that leaves the last rows unseen, and a kernel that needs its padding")
  func edges() throws {
    for recipe in [
      Convolution(depth: 2, kernelSize: 3, stride: 4),
      Convolution(depth: 2, kernelSize: 9, padding: 2),
      Convolution(depth: 2, kernelSize: 2, stride: 7, padding: 5),
      Convolution(depth: 1, kernelSize: 1, stride: 100),
    ] {
      let network = try Network(input: [1, 6, 8], seed: 3) {
        recipe
        Tanh()
        Flatten()
        Dense(2)
        Softmax()
      }
      try expectRight(network, "\(recipe)")
    }
  }

  @Test("Pooling with sizes and strides that do not divide the image", arguments: 1...4, 1...5)
  func pooling(size: Int, stride: Int) throws {
    let average = try Network(input: [2, 7, 10], seed: 1) {
      Convolution(depth: 2, kernelSize: 2)
      Tanh()
      AveragePooling(size: size, stride: stride)
      Flatten()
      Dense(3)
      Softmax()
    }
    try expectRight(average, "average of \(size), stride \(stride)")

    let largest = try Network(input: [2, 7, 10], seed: 1) {
      Convolution(depth: 2, kernelSize: 2)
      MaxPooling(size: size, stride: stride)
      Tanh()
      Flatten()
      Dense(3)
      Softmax()
    }
    try expectRight(largest, "largest of \(size), stride \(stride)")
  }

  @Test("Rectifiers and largest numbers, whose corners are everywhere")
  func corners() throws {
    let network = try Network(input: [1, 12, 13], seed: 1) {
      Convolution(depth: 4, kernelSize: 3, padding: 1)
      ReLU()
      MaxPooling()
      Convolution(depth: 5, kernelSize: 3)
      BatchNormalization()
      ReLU()
      MaxPooling(size: 3, stride: 1)
      Flatten()
      Dense(20)
      ReLU()
      Dense(3)
      Softmax()
    }
    try expectRight(
      network, "corners", CategoricalCrossEntropy(), .random([6, 1, 12, 13], seed: 2))
  }

  @Test("Batch normalization of maps and of features", arguments: [2, 5])
  func normalization(batch: Int) throws {
    let network = try Network(input: [2, 5, 4], seed: 1) {
      Convolution(depth: 3, kernelSize: 2, padding: 1, bias: .none)
      BatchNormalization()
      Tanh()
      Flatten()
      Dense(7)
      Sigmoid()
      BatchNormalization(momentum: 0.3, epsilon: 0.01)
      Dense(3)
      Softmax()
    }
    try expectRight(
      network, "batch of \(batch)", CategoricalCrossEntropy(), .random([batch, 2, 5, 4], seed: 8))
  }

  @Test("A bias that a normalization takes off again has no gradient, and none is found")
  func uselessBias() throws {
    let network = try Network(input: [2, 5, 4], seed: 1) {
      Convolution(depth: 3, kernelSize: 2)
      BatchNormalization()
      Tanh()
      Flatten()
      Dense(7)
      BatchNormalization()
      Dense(3)
      Softmax()
    }
    try expectRight(
      network, "bias before a normalization", CategoricalCrossEntropy(),
      .random([8, 2, 5, 4], seed: 8))
  }

  @Test("Dropout: the same seed draws the same mask both ways", arguments: [0, 0.2, 0.5, 0.7])
  func dropout(rate: Float) throws {
    let network = try Network(input: [1, 6, 5], seed: 2) {
      Convolution(depth: 3, kernelSize: 2)
      Dropout(rate: rate)
      Tanh()
      Flatten()
      Dense(40)
      Tanh()
      Dropout(rate: rate)
      Dense(3)
      Softmax()
    }
    try expectRight(network, "rate \(rate)")
  }

  @Test("Faults of a batch normalization are found")
  func faults() throws {
    let faults: [Faulty<BatchNormalization>.Fault] = [
      .none, .weightSign, .weightScale, .weightReversed, .weightMissing, .biasMissing, .biasSign,
      .batchForgotten, .inputSign, .inputScale, .inputMissing, .inputReversed, .inputElsewhere,
    ]
    for fault in faults {
      let network = try Network(input: [2, 5, 4], seed: 1) {
        Convolution(depth: 3, kernelSize: 2)
        Faulty(BatchNormalization(), fault)
        Tanh()
        Flatten()
        Dense(3)
        Softmax()
      }
      let checks = try network.checkGradients(
        loss: CategoricalCrossEntropy(), images: .random([4, 2, 5, 4], seed: 8),
        targets: .oneHot(4, 3, seed: 8), directions: 3)
      #expect(checks.allSatisfy(\.passed) == (fault == .none), "\(fault)")
    }
  }

  private func expectRight(
    _ network: Network, _ what: String, _ loss: any Loss = CategoricalCrossEntropy(),
    _ images: Tensor? = nil
  ) throws {
    let images = images ?? .random(network.inputShape.batched(3), seed: 6)
    let checks = try network.checkGradients(
      loss: loss, images: images,
      targets: .oneHot(images.shape[0], network.outputShape.count, seed: 6), directions: 2)
    for check in checks {
      #expect(
        check.passed, "\(what): \(check.layer) \(check.parameter): \(check.maxRelativeError)")
    }
  }
}
