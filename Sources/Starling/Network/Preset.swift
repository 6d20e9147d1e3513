/// A network with a name, and how it is usually trained.
public enum Preset: String, CaseIterable, Codable, Sendable {
  /// The deck's network, which tells handwritten zeros from ones.
  case zeroOne = "zero-one"
  /// LeNet-5 for handwritten digits, with rectifiers and the largest of each window.
  ///
  /// Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-Based Learning Applied to Document
  /// Recognition" (1998), which has other activations, means of windows, and fewer connections.
  case lenet5
  /// The small network of two convolutions and a dropout that Keras's examples teach handwritten
  /// digits: 34,826 parameters.
  case convnet
  /// Six convolutions with batch normalization for small pictures in colour, after K. Simonyan,
  /// A. Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition" (2015).
  case vgg

  /// The shape of one input.
  public var inputShape: Shape {
    switch self {
    case .zeroOne, .lenet5, .convnet: [1, 28, 28]
    case .vgg: [3, 32, 32]
    }
  }

  /// The layers, for data with the given number of classes.
  public func recipes(classes: Int) -> [any Recipe] {
    switch self {
    case .zeroOne:
      [
        Convolution(depth: 5, kernelSize: 3, bias: .perPosition),
        Sigmoid(),
        Reshape([5 * 26 * 26]),
        Dense(100),
        Sigmoid(),
        Dense(classes),
        Sigmoid(),
      ]
    case .lenet5:
      [
        Convolution(depth: 6, kernelSize: 5, padding: 2),
        ReLU(),
        MaxPooling(),
        Convolution(depth: 16, kernelSize: 5),
        ReLU(),
        MaxPooling(),
        Flatten(),
        Dense(120),
        ReLU(),
        Dense(84),
        ReLU(),
        Dense(classes),
        Softmax(),
      ]
    case .convnet:
      [
        Convolution(depth: 32, kernelSize: 3),
        ReLU(),
        MaxPooling(),
        Convolution(depth: 64, kernelSize: 3),
        ReLU(),
        MaxPooling(),
        Flatten(),
        Dropout(rate: 0.5),
        Dense(classes),
        Softmax(),
      ]
    case .vgg:
      [64, 128, 256].flatMap { depth -> [any Recipe] in
        Preset.normalizedConvolution(depth) + Preset.normalizedConvolution(depth) + [MaxPooling()]
      } + [Flatten(), Dense(classes), Softmax()]
    }
  }

  /// A convolution that keeps the size, and whose bias is that of the normalization behind it.
  private static func normalizedConvolution(_ depth: Int) -> [any Recipe] {
    [
      Convolution(depth: depth, kernelSize: 3, padding: 1, bias: .none), BatchNormalization(),
      ReLU(),
    ]
  }

  /// The classes that it is taught to tell apart.
  public var classes: [Int] {
    switch self {
    case .zeroOne: [0, 1]
    case .lenet5, .convnet, .vgg: Array(0...9)
    }
  }

  /// How many images of each class it is taught with; all of them if nil.
  public var imagesPerClass: Int? {
    switch self {
    case .zeroOne: 100
    case .lenet5, .convnet, .vgg: nil
    }
  }

  /// What is to become small.
  public var loss: any Loss {
    switch self {
    case .zeroOne: BinaryCrossEntropy()
    case .lenet5, .convnet, .vgg: CategoricalCrossEntropy()
    }
  }

  /// How often it is shown every image.
  public var epochs: Int {
    switch self {
    case .zeroOne, .vgg: 20
    case .lenet5, .convnet: 10
    }
  }

  /// How many images one step learns from.
  public var batchSize: Int {
    switch self {
    case .zeroOne: 1
    case .lenet5, .vgg: 64
    case .convnet: 128
    }
  }

  /// The length of a step for a slope of 1.
  public var learningRate: Float {
    switch self {
    case .zeroOne, .lenet5: 0.1
    case .convnet: 0.2
    case .vgg: 0.05
    }
  }
}
