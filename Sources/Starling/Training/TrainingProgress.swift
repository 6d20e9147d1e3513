/// How far training has come: everything about it that is neither the network nor the optimizer.
public struct TrainingProgress: Hashable, Codable, Sendable {
  /// The number of whole epochs.
  public private(set) var epoch = 0
  /// The images shown in the epoch under way.
  public private(set) var imagesSeen = 0
  /// The sum of their errors.
  private var errorSum = 0.0
  /// How many of them were classified correctly when shown.
  private var correct = 0

  /// Before the first step.
  public init() {}

  /// Reads progress, which a file may tell that somebody edited.
  ///
  /// - Throws: `DecodingError` for what no training can have come to.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    epoch = try container.decode(Int.self, forKey: .epoch)
    imagesSeen = try container.decode(Int.self, forKey: .imagesSeen)
    errorSum = try container.decode(Double.self, forKey: .errorSum)
    correct = try container.decode(Int.self, forKey: .correct)
    guard epoch >= 0, imagesSeen >= 0, (0...imagesSeen).contains(correct), errorSum.isFinite else {
      throw DecodingError.dataCorruptedError(
        forKey: .epoch, in: container, debugDescription: "no training comes to \(self)")
    }
  }

  /// The mean error over the images shown in the epoch under way; 0 before the first.
  public var error: Double { imagesSeen == 0 ? 0 : errorSum / Double(imagesSeen) }

  mutating func count(error: Double, correct: Int, of images: Int) {
    imagesSeen += images
    errorSum += error * Double(images)
    self.correct += correct
  }

  /// Closes the epoch under way.
  mutating func finishEpoch() -> EpochReport {
    let report = EpochReport(
      epoch: epoch + 1, error: error, accuracy: Double(correct) / Double(imagesSeen))
    self = TrainingProgress()
    epoch = report.epoch
    return report
  }
}

/// What an epoch of training came to.
public struct EpochReport: Hashable, Codable, Sendable {
  /// The epoch's number, counted from 1.
  public let epoch: Int
  /// The mean error over all images, each taken when it was shown.
  public let error: Double
  /// The share of images classified correctly when shown, from 0 to 1.
  public let accuracy: Double
}
