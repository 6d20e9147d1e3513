/// A network with a name, and how it is usually trained.
public enum Preset: String, CaseIterable, Codable, Sendable {
  /// The deck's network, which tells handwritten zeros from ones.
  case zeroOne = "zero-one"

  /// The shape of one input.
  public var inputShape: Shape {
    switch self {
    case .zeroOne: [1, 28, 28]
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
    }
  }

  /// The classes that it is taught to tell apart.
  public var classes: [Int] {
    switch self {
    case .zeroOne: [0, 1]
    }
  }

  /// How many images of each class it is taught with.
  public var imagesPerClass: Int? {
    switch self {
    case .zeroOne: 100
    }
  }

  /// What is to become small.
  public var loss: any Loss {
    switch self {
    case .zeroOne: BinaryCrossEntropy()
    }
  }

  /// How often it is shown every image.
  public var epochs: Int {
    switch self {
    case .zeroOne: 20
    }
  }

  /// How many images one step learns from.
  public var batchSize: Int {
    switch self {
    case .zeroOne: 1
    }
  }

  /// The length of a step for a slope of 1.
  public var learningRate: Float {
    switch self {
    case .zeroOne: 0.1
    }
  }
}
