/// How well a network does on images that it may never have seen.
public struct Evaluation: Hashable, Sendable {
  /// The number of images.
  public let images: Int
  /// The mean error.
  public let error: Double
  /// How many images of each class, the row, were taken for each class, the column.
  public let confusion: [[Int]]
  /// What the network said of each image, in the data set's order.
  public let predictions: Predictions

  /// The share of images classified correctly, from 0 to 1.
  public var accuracy: Double { Double(correct) / Double(images) }

  /// The number of images classified correctly.
  public var correct: Int { confusion.indices.reduce(0) { $0 + confusion[$1][$1] } }

  /// How many rows of a batch have their largest output where the target has its own.
  static func correct(_ outputs: Tensor, _ targets: Tensor) -> Int {
    outputs.rows.count { row in
      outputs.elements[row].positionOfLargest == targets.elements[row].positionOfLargest
    }
  }
}

extension Network {
  /// Classifies every image of a data set.
  ///
  /// - Parameters:
  ///   - dataset: The images, with what they should be classified as.
  ///   - loss: What the error is measured with.
  ///   - threads: The threads that may work on it; the result is the same for any number.
  /// - Returns: Error, accuracy, confusion matrix, and each prediction.
  /// - Throws: ``ShapeError`` or ``TrainingError`` when the data do not fit the network.
  public func evaluate(
    on dataset: Dataset, loss: any Loss, threads: Threads = .available
  ) throws -> Evaluation {
    try check(dataset)
    let (loss, depth) = head(for: loss)
    let tail = try tail(from: depth)
    let pass = Pass(.inference, threads: threads)
    let classes = outputShape.count
    var errorSum = 0.0
    var predictions = Predictions(classNames: outputNames, capacity: dataset.count)
    var confusion = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
    for start in stride(from: 0, to: dataset.count, by: Network.evaluationBatch) {
      let positions = start..<min(start + Network.evaluationBatch, dataset.count)
      let images = dataset.images(positions)
      let head =
        plannedOutputs(of: images, depth: depth, threads: threads)
        ?? outputs(of: images, upTo: depth, pass)
      errorSum +=
        try loss.error(of: head, for: dataset.targets(positions)) * Double(positions.count)
      let outputs = try tail?(head, threads: threads) ?? head
      for (row, position) in zip(outputs.rows, positions) {
        predictions.append(outputs.elements[row])
        confusion[dataset.labels[position]][predictions.classIndex(at: position)] += 1
      }
    }
    return Evaluation(
      images: dataset.count, error: errorSum / Double(dataset.count), confusion: confusion,
      predictions: predictions)
  }

  /// The layers behind the first `depth` as a network of their own, which gives the same bits; nil where
  /// there is none.
  private func tail(from depth: Int) throws(ShapeError) -> Network? {
    guard depth < layers.count else { return nil }
    let rest = layers[depth...]
    return try Network(
      input: layers[depth].inputShape, recipes: rest.map(\.recipe),
      parameters: rest.map(\.parameters))
  }

  /// Enough images at once that weights are read from the cache, few enough that activations are too.
  private static let evaluationBatch = 128
}
