import Starling

/// The test images that a network gets wrong, those first of which it is surest.
struct MistakesAnswer: Encodable {
  /// One of them.
  struct Mistake: Encodable {
    /// Its position among the test images.
    let index: Int
    /// What it is.
    let label: String
    /// What the network takes it for.
    let answer: String
    let scores: [Float]
    let pixels: [[Float]]
  }

  /// How many there are.
  let count: Int
  /// How many test images there are.
  let total: Int
  let mistakes: [Mistake]

  init(_ evaluation: Evaluation, of test: Dataset, limit: Int) {
    let predictions = evaluation.predictions
    let wrong = test.labels.indices.filter { predictions.classIndex(at: $0) != test.labels[$0] }
      .map { (index: $0, prediction: predictions[$0]) }
      .sorted {
        ($0.prediction.confidence, $1.index) > ($1.prediction.confidence, $0.index)
      }
    count = wrong.count
    total = test.count
    mistakes = wrong.prefix(limit).map { index, prediction in
      Mistake(
        index: index, label: test.classNames[test.labels[index]], answer: prediction.label,
        scores: prediction.scores, pixels: test[index].image.rows)
    }
  }
}
