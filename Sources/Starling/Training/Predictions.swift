/// What a network said of many images, in their order.
///
/// Only the scores are kept; a ``Prediction`` is made of them when it is asked for.
public struct Predictions: RandomAccessCollection, Hashable, Sendable {
  /// The names of the outputs.
  public let classNames: [String]
  /// All images' outputs, one after another.
  private var scores: [Float] = []

  /// None yet, with room for so many.
  init(classNames: [String], capacity: Int) {
    self.classNames = classNames
    scores.reserveCapacity(capacity * classNames.count)
  }

  /// The position of the first image.
  public var startIndex: Int { 0 }

  /// One more than the position of the last image.
  public var endIndex: Int { scores.count / classNames.count }

  /// What the network said of the image at a position.
  public subscript(position: Int) -> Prediction {
    Prediction(scores: Array(row(position)), classNames: classNames)
  }

  /// The index of the class with the highest score of the image at a position.
  public func classIndex(at position: Int) -> Int {
    let row = row(position)
    return row.positionOfLargest - row.startIndex
  }

  /// Takes in what the network said of one more image.
  mutating func append(_ row: some Collection<Float>) {
    precondition(row.count == classNames.count, "a score for each class")
    scores += row
  }

  private func row(_ position: Int) -> ArraySlice<Float> {
    scores[position * classNames.count..<(position + 1) * classNames.count]
  }
}

extension RandomAccessCollection<Float> where Index == Int {
  /// Where the largest element is, the first of several.
  var positionOfLargest: Int { indices.max { self[$0] < self[$1] } ?? startIndex }
}
