/// What a network says of one image.
public struct Prediction: Hashable, Sendable {
  /// The name of the class with the highest score.
  public let label: String
  /// The index of that class.
  public let classIndex: Int
  /// That class's score.
  ///
  /// Behind ``Softmax`` it is a probability; behind ``Sigmoid`` it is a score and
  /// no more, since the outputs are independent and need not add up to 1.
  public let confidence: Float
  /// The network's outputs, one for each class.
  public let scores: [Float]

  init(scores: [Float], classNames: [String]) {
    let best = scores.positionOfLargest
    self.scores = scores
    classIndex = best
    confidence = scores[best]
    label = classNames[best]
  }
}
