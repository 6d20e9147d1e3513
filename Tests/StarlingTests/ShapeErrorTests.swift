import Starling
import Testing

@Suite("Sizes that do not fit are errors that say what to do")
struct ShapeErrorTests {
  @Test("Dense on a volume")
  func denseOnVolume() {
    expect("layer 1 (Dense), input: expected one axis, got 5×26×26; put Flatten() before it") {
      try Network(input: [1, 28, 28], seed: 1) {
        Convolution(depth: 5, kernelSize: 3)
        Dense(10)
      }
    }
  }

  @Test("Softmax on a volume")
  func softmaxOnVolume() {
    expect("layer 0 (Softmax), input: expected one axis, got 1×2×2; put Flatten() before it") {
      try Network(input: [1, 2, 2], seed: 1) { Softmax() }
    }
  }

  @Test("A convolution of what is not an image")
  func convolutionOfRow() {
    expect(
      "layer 1 (Convolution), input: expected depth×height×width, got 4; "
        + "put Reshape([depth, height, width]) before it"
    ) {
      try Network(input: [2, 2], seed: 1) {
        Flatten()
        Convolution(depth: 1, kernelSize: 1)
      }
    }
  }

  @Test("A kernel larger than its input, on either axis")
  func kernelTooLarge() {
    expect(
      "layer 0 (Convolution), kernel height: expected 1 to 4 for an input of 1×4×9, got 5; "
        + "use a kernel that fits the input"
    ) {
      try Network(input: [1, 4, 9], seed: 1) { Convolution(depth: 1, kernelSize: 5) }
    }
    expect(
      "layer 0 (Convolution), kernel width: expected 1 to 9 for an input of 1×4×9, got 10; "
        + "use a kernel that fits the input"
    ) {
      try Network(input: [1, 4, 9], seed: 1) {
        Convolution(depth: 1, kernelHeight: 4, kernelWidth: 10)
      }
    }
  }

  @Test("A kernel without extent, or with less", arguments: [0, -1, .min])
  func kernelTooSmall(size: Int) {
    expect(
      "layer 0 (Convolution), kernel height: expected 1 to 4 for an input of 1×4×9, got \(size); "
        + "use a kernel that fits the input"
    ) {
      try Network(input: [1, 4, 9], seed: 1) { Convolution(depth: 1, kernelSize: size) }
    }
  }

  @Test("No kernel, no output, or fewer", arguments: [0, -1, .min])
  func noOutput(count: Int) {
    expect(
      "layer 0 (Convolution), depth: expected 1 or more, got \(count); ask for at least one kernel"
    ) {
      try Network(input: [1, 4, 4], seed: 1) { Convolution(depth: count, kernelSize: 1) }
    }
    expect(
      "layer 1 (Dense), outputs: expected 1 or more, got \(count); ask for at least one output"
    ) {
      try Network(input: [1, 4, 4], seed: 1) {
        Flatten()
        Dense(count)
      }
    }
  }

  @Test("A Reshape to another count, or to what is no shape")
  func reshape() {
    for (shape, found) in [
      ([15], "15 in 15"), ([3, 4], "12 in 3×4"), ([16, 0], "16×0"), ([-4, -4], "-4×-4"),
      ([1 << 40, 1 << 40], "1099511627776×1099511627776"),
    ] as [(Shape, String)] {
      expect(
        "layer 0 (Reshape), count: expected 16, as in the input 1×4×4, got \(found); "
          + "write Flatten() and let the network count"
      ) {
        try Network(input: [1, 4, 4], seed: 1) { Reshape(shape) }
      }
    }
  }

  @Test("No layer")
  func empty() {
    expect(
      "network, layers: expected 1 or more, got 0; write at least one layer between the braces"
    ) {
      try Network(input: [1, 4, 4], seed: 1) {}
    }
  }

  @Test("An input that no tensor can hold")
  func unusableInput() {
    for (shape, found) in [
      ([1, 0, 4], "1×0×4"), ([1, -4, 4], "1×-4×4"), ([1 << 40, 1 << 40], "\(1 << 40)×\(1 << 40)"),
      ([.max, .max, .max], "\(Int.max)×\(Int.max)×\(Int.max)"), ([.min], "\(Int.min)"),
      ([1 << 31, 2], "2147483648×2"),
    ] as [(Shape, String)] {
      expect(
        "network, input: expected axes of 1 or more and at most 2³¹ elements in all, got \(found); "
          + "an image is [depth, height, width]"
      ) {
        try Network(input: shape, seed: 1) { Flatten() }
      }
    }
  }

  @Test("Layers larger than a tensor can be")
  func absurdSizes() {
    let tooLarge = "expected axes of 1 or more and at most 2³¹ elements in all, got"
    for outputs in [1 << 62, Int.max, 1 << 32] {
      expect("layer 0 (Dense), output: \(tooLarge) \(outputs); make the layer smaller") {
        try Network(input: [4], seed: 1) { Dense(outputs) }
      }
    }
    expect("layer 0 (Dense), weight: \(tooLarge) 2147483648×4; make the layer smaller") {
      try Network(input: [4], seed: 1) { Dense(1 << 31) }
    }
    for depth in [1 << 40, 1 << 62, Int.max] {
      expect("layer 0 (Convolution), output: \(tooLarge) \(depth)×2×2; make the layer smaller") {
        try Network(input: [1, 4, 4], seed: 1) { Convolution(depth: depth, kernelSize: 3) }
      }
    }
    expect("layer 0 (Convolution), weight: \(tooLarge) 268435456×1×4×4; make the layer smaller") {
      try Network(input: [1, 4, 4], seed: 1) { Convolution(depth: 1 << 28, kernelSize: 4) }
    }
  }

  @Test("A layer built by itself names itself")
  func layerAlone() throws {
    expect("Dense, input: expected one axis, got 2×3; put Flatten() before it") {
      try Dense(1).build(for: [2, 3], parameters: .none)
    }
    expect(
      "Flatten, input: expected axes of 1 or more and at most 2³¹ elements in all, "
        + "got \(1 << 40)×\(1 << 40); give it an input that a tensor can hold"
    ) {
      try Flatten().build(for: [1 << 40, 1 << 40], parameters: .none)
    }
  }

  @Test("Parameters that are not what the layer specifies")
  func parameters() throws {
    let weight = Tensor(zeros: [2, 3])
    expect(
      "Dense, parameters: expected [\"weight\", \"bias\"], got [\"weight\"]; "
        + "give each parameter once, in this order"
    ) {
      try Dense(2).build(for: [3], parameters: Parameters(["weight": weight]))
    }
    expect("layer 0 (Dense), bias: expected 2, got 3; give a tensor of the expected shape") {
      try Network(
        input: [3], recipes: [Dense(2)],
        parameters: [Parameters(["weight": weight, "bias": Tensor(zeros: [3])])])
    }
    expect(
      "network, parameters: expected 2, one for each layer, got 1; "
        + "give Parameters.none for a layer without any"
    ) {
      try Network(input: [3], recipes: [ReLU(), ReLU()], parameters: [.none])
    }
  }

  @Test("An image, or a batch, of another shape")
  func wrongInput() throws {
    let network = try Network(input: [1, 4, 4], seed: 1) { Flatten() }
    for shape in [[1, 4, 5], [4, 4], [1, 1, 4, 4], [16], []] as [Shape] {
      expect(
        "network, image: expected 1×4×4, got \(shape); bring the image to the network's input shape"
      ) {
        try network.predict(Tensor(zeros: shape))
      }
    }
    for shape in [[1, 4, 4], [0, 1, 4, 4], [2, 1, 4, 5], [1, 1, 1, 4, 4], []] as [Shape] {
      let message =
        "network, input: expected batch×1×4×4, got \(shape); "
        + "put the batch axis first, even for one image"
      expect(message) { try network(Tensor(zeros: shape)) }
      expect(message) { try network.activations(Tensor(zeros: shape)) }
      let targets = Tensor(zeros: [1, 16])
      expect(message) {
        try network.checkGradients(
          loss: MeanSquaredError(), images: Tensor(zeros: shape), targets: targets)
      }
      expect(message) {
        var trainer = Trainer(loss: MeanSquaredError(), optimizer: SGD(learningRate: 1))
        var network = network
        try trainer.step(&network, images: Tensor(zeros: shape), targets: targets)
      }
    }
  }

  @Test("Targets of another shape than the outputs")
  func wrongTargets() throws {
    let network = try Network(input: [3], seed: 1) {
      Dense(2)
      Sigmoid()
    }
    expect(
      "BinaryCrossEntropyWithLogits, target: expected 4×2, as the prediction, got 4×3; "
        + "end the network with as many outputs as the data has classes"
    ) {
      var trainer = Trainer(loss: BinaryCrossEntropy(), optimizer: SGD(learningRate: 1))
      var network = network
      try trainer.step(&network, images: Tensor(zeros: [4, 3]), targets: Tensor(zeros: [4, 3]))
    }
  }

  @Test("A tensor of another count than its shape, or of a shape that overflows")
  func tensors() {
    expect(
      "Tensor, elements: expected 6 for the shape 2×3, got 5; give one number for each position"
    ) {
      try Tensor([2, 3], elements: [1, 2, 3, 4, 5])
    }
    for shape in [[1 << 40, 1 << 40], [-1, -1], [.min, 2], [.max, .max, 0]] as [Shape] {
      #expect(throws: ShapeError.self) { try Tensor(shape, elements: [1]) }
      #expect(throws: ShapeError.self) { try Tensor(zeros: [1]).reshaped(shape) }
    }
  }

  /// Expects an error of exactly this text.
  private func expect<Result>(
    _ message: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Result
  ) {
    let error = #expect(throws: ShapeError.self, sourceLocation: sourceLocation) { _ = try body() }
    #expect(error?.description == message, sourceLocation: sourceLocation)
  }
}
