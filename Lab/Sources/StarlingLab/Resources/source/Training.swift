/// An image and what the network should say to it.
public struct Example: Hashable, Sendable {
  /// The image.
  public let image: Volume
  /// A column with 1 at the image's class and 0 elsewhere.
  public let target: Volume

  /// An image with its target.
  public init(image: Volume, target: Volume) {
    self.image = image
    self.target = target
  }

  /// An image of a class.
  public init(image: Volume, label: Int, classes: Int) {
    precondition(label >= 0 && label < classes, "label \(label) is none of \(classes) classes")
    self.init(image: image, target: Volume(column: (0..<classes).map { $0 == label ? 1 : 0 }))
  }
}

/// Trains a network by gradient descent, one image at a time, in the order given.
///
/// An epoch's error is the mean over its images, each taken before the network has learned from it.
/// The deck's figures, 0.251 at the first epoch and 0.012 at the twentieth, come from one run and its
/// weights; others see others. A falling error alone proves little: it falls as well with the
/// kernels' gradient turned by 180°, or with kernels that never change.
///
/// - Parameters:
///   - network: The network, which learns.
///   - loss: What is to become small.
///   - examples: The images and their targets.
///   - epochs: How often to go through all of them.
///   - learningRate: The length of a step against the gradient.
///   - report: Is given each epoch's number, from 1, and its error.
/// - Returns: The error of each epoch.
/// - Throws: `SizeError` if there are no examples.
@discardableResult
public func train(
  _ network: inout Network, loss: some Loss, on examples: [Example], epochs: Int = 20,
  learningRate: Double = 0.1, report: (Int, Double) -> Void = { _, _ in }
) throws(SizeError) -> [Double] {
  guard !examples.isEmpty else {
    throw SizeError(description: "there are no examples to learn from; give at least one")
  }
  var errors: [Double] = []
  while errors.count < epochs {
    var error = 0.0
    for example in examples {
      // Forward: from the image to the prediction.
      let volumes = network.forward(example.image)
      let (y, ŷ) = (example.target, volumes[volumes.count - 1])
      error += loss.error(target: y, prediction: ŷ)
      // Backward: the gradient passes through all layers,
      let (_, gradients) = network.backward(
        loss.gradient(target: y, prediction: ŷ), volumes: volumes)
      // and only then do their parameters change.
      network.update(by: gradients, learningRate: learningRate)
    }
    errors.append(error / Double(examples.count))
    report(errors.count, errors[errors.count - 1])
  }
  return errors
}

/// What a network says to an image.
public struct Prediction: Hashable, Sendable {
  /// The class with the largest score.
  public let label: Int
  /// The score of each class.
  ///
  /// The deck prints the largest as "Confidence: 99.9%". It is a score and no probability: the two
  /// outputs are sigmoids that know nothing of each other, and on test images they add up to
  /// anything between 0.34 and 1.57. Even an empty image gets a confident "1".
  public let scores: [Double]

  /// The largest score.
  public var confidence: Double { scores[label] }
}

/// What the network says to an image.
public func predict(_ network: Network, _ image: Volume) -> Prediction {
  let volumes = network.forward(image)
  let scores = volumes[volumes.count - 1].values
  let label = scores.indices.reduce(0) { best, next in scores[next] > scores[best] ? next : best }
  return Prediction(label: label, scores: scores)
}
