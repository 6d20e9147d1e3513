import Starling
import Testing

@Suite("Gradients against finite differences")
struct GradientTests {
  /// The end of a network for each loss, alone and fused with the layer before it.
  enum Ending: String, CaseIterable {
    case binary, binaryUnfused, binaryWithLogits
    case categorical, categoricalUnfused, categoricalWithLogits
    case squaresOfSigmoid, squaresOfSoftmax, squares

    var layers: [any Recipe] {
      switch self {
      case .binary, .squaresOfSigmoid: [Sigmoid()]
      case .categorical, .squaresOfSoftmax: [Softmax()]
      // With a layer between them, loss and activation are not taken together.
      case .binaryUnfused: [Sigmoid(), Flatten()]
      case .categoricalUnfused: [Softmax(), Flatten()]
      case .binaryWithLogits, .categoricalWithLogits, .squares: []
      }
    }

    var loss: any Loss {
      switch self {
      case .binary, .binaryUnfused: BinaryCrossEntropy()
      case .binaryWithLogits: BinaryCrossEntropyWithLogits()
      case .categorical, .categoricalUnfused: CategoricalCrossEntropy()
      case .categoricalWithLogits: CategoricalCrossEntropyWithLogits()
      case .squaresOfSigmoid, .squaresOfSoftmax, .squares: MeanSquaredError()
      }
    }
  }

  @Test("Random sizes, every kind of bias, every loss", arguments: Ending.allCases)
  func randomNetworks(ending: Ending) throws {
    for (number, bias) in [Convolution.Bias.perPosition, .perChannel, .none].enumerated() {
      for batch in [1, 5] {
        var random = SeededGenerator(seed: UInt64(number * 10 + batch))
        let input: Shape = [
          1 + random.index(below: 3), 5 + random.index(below: 4), 6 + random.index(below: 34),
        ]
        let network = try Network(input: input, seed: UInt64(number)) {
          Convolution(
            depth: 1 + random.index(below: 4), kernelHeight: 1 + random.index(below: 4),
            kernelWidth: 1 + random.index(below: 5), bias: bias)
          Tanh()
          Convolution(depth: 2, kernelHeight: 2, kernelWidth: 1, bias: bias)
          Sigmoid()
          Flatten()
          Dense(6)
          Tanh()
          Reshape([1, 2, 3])
          Convolution(depth: 5, kernelSize: 2)
          Flatten()
          Dense(3)
          ending.layers
        }
        try expectRight(
          network, ending.loss, batch: batch, seed: UInt64(number + batch),
          "\(ending), \(bias), batch \(batch), input \(input)")
      }
    }
  }

  @Test("A rectifier, away from its corner")
  func rectifier() throws {
    // Each sum is far from 0 on one side or the other, and stays there.
    let bias = try Tensor([6], elements: [9, -9, 9, 9, -9, 9])
    let network = try Network(
      input: [20], recipes: [Dense(6), ReLU(), Dense(2), Sigmoid()],
      parameters: [
        Parameters(["weight": .random([6, 20], seed: 1, scale: 0.2), "bias": bias]), .none,
        Parameters(["weight": .random([2, 6], seed: 2, scale: 0.2), "bias": Tensor(zeros: [2])]),
        .none,
      ])
    try expectRight(network, BinaryCrossEntropy(), batch: 5, seed: 3, "rectifier")
  }

  @Test("Where nothing can be learned, a gradient of zero is right")
  func deadNetwork() throws {
    let network = try Network(
      input: [4], recipes: [Dense(3), ReLU(), Dense(2), Sigmoid()],
      parameters: [
        Parameters([
          "weight": .random([3, 4], seed: 1), "bias": Tensor([3], filledWith: -100),
        ]), .none,
        Parameters(["weight": .random([2, 3], seed: 2), "bias": .random([2], seed: 3)]), .none,
      ])
    for loss in [BinaryCrossEntropy(), MeanSquaredError()] as [any Loss] {
      try expectRight(network, loss, batch: 3, seed: 4, "dead, \(loss.name)")
    }
  }

  @Test("Faults of a dense layer are found")
  func denseFaults() throws {
    for fault in Faulty<Dense>.Fault.allCases {
      // Square, so that its transposed gradient has the right shape.
      let network = try Network(input: [3, 2], seed: 5) {
        Flatten()
        Dense(6)
        Tanh()
        Faulty(Dense(6), fault)
        Tanh()
        Dense(2)
        Sigmoid()
      }
      try expectFound(fault.rawValue, in: network)
    }
  }

  @Test("A convolution's faults are found", arguments: [Convolution.Bias.perChannel, .perPosition])
  func convolutionFaults(bias: Convolution.Bias) throws {
    for fault in Faulty<Convolution>.Fault.allCases {
      let network = try Network(input: [1, 6, 5], seed: 6) {
        Convolution(depth: 2, kernelSize: 2)
        Tanh()
        Faulty(Convolution(depth: 2, kernelSize: 3, bias: bias), fault)
        Tanh()
        Flatten()
        Dense(2)
        Sigmoid()
      }
      try expectFound(fault.rawValue, in: network)
    }
  }

  private func expectRight(
    _ network: Network, _ loss: any Loss, batch: Int, seed: UInt64, _ what: String
  ) throws {
    let checks = try network.checkGradients(
      loss: loss, images: .random(network.inputShape.batched(batch), seed: seed),
      targets: .oneHot(batch, network.outputShape.count, seed: seed), directions: 4)
    // One for each tensor, and one for the images.
    #expect(checks.count == network.namedParameters.count + 1)
    for check in checks {
      #expect(
        check.passed, "\(what): \(check.layer) \(check.parameter): \(check.maxRelativeError)")
    }
  }

  /// A fault must be found, and nothing be found where there is none.
  private func expectFound(_ fault: String, in network: Network) throws {
    let checks = try network.checkGradients(
      loss: BinaryCrossEntropy(), images: .random(network.inputShape.batched(4), seed: 7),
      targets: .oneHot(4, 2, seed: 7), directions: 3)
    #expect(checks.allSatisfy(\.passed) == (fault == "none"), "\(fault)")
  }
}
