import Foundation
import Starling
import StarlingData

/// Where images come from.
enum DigitSet: String, CaseIterable, Codable, Sendable {
  /// MNIST, if its files are here.
  case mnist
  /// The digits that the program makes itself.
  case digits
}

/// The images that the lab shows and teaches with, each set read once, when it is first asked for.
///
/// MNIST is never fetched: what is not here is said to be missing.
struct DigitSets: Sendable {
  private let location: DataLocation
  private let queue = WorkQueue("digits")
  private let mnist = Once<LoadedDigits>()
  private let builtIn = Once<LoadedDigits>()
  /// The test images of the deck's two classes, which all runs share.
  private let mnistTest = Once<Dataset>()
  private let builtInTest = Once<Dataset>()

  /// How many built-in digits of each class can be looked at.
  static let builtInPerClass = 200

  /// The sets that lie in a folder.
  init(location: DataLocation) {
    self.location = location
  }

  /// All images of a set.
  ///
  /// - Throws: A `StarlingError` that says what is wrong where MNIST is missing or damaged.
  func load(_ set: DigitSet) async throws -> LoadedDigits {
    switch set {
    case .mnist:
      try await mnist.value { [queue, location] in
        try await queue.run {
          guard let files = try MNIST.locate(in: location) else {
            throw DatasetError(
              "MNIST is not in \(location.folder(of: "mnist").path); fetch it with "
                + "`starling data mnist`, or start the lab with --data-dir and the folder above mnist/"
            )
          }
          return LoadedDigits(try MNIST.load(files))
        }
      }
    case .digits:
      try await builtIn.value { [queue] in
        try await queue.run {
          LoadedDigits(
            try BuiltInDigits.load(
              trainPerClass: DigitSets.builtInPerClass, testPerClass: DigitSets.builtInPerClass))
        }
      }
    }
  }

  /// MNIST where it can be read, else the built-in digits.
  func preferred() async -> DigitSet {
    do {
      _ = try await load(.mnist)
      return .mnist
    } catch {
      return .digits
    }
  }

  /// The images of the deck's two classes to learn from and to test with, as `starling train` takes them.
  ///
  /// Built-in digits to learn from are drawn from the seed, those to test with are always the same.
  func split(for settings: RunSettings) async throws -> DatasetSplit {
    let (perClass, seed) = (settings.images, settings.seed)
    switch settings.data {
    case .mnist:
      let all = try await load(.mnist).split
      var split = try await queue.run {
        try all.choosing(classes: DeckNetwork.classes, limitPerClass: perClass)
      }
      split.test = try await mnistTest.value { [split] in split.test }
      return split
    case .digits:
      var split = try await queue.run {
        try BuiltInDigits.load(
          classes: DeckNetwork.classes, trainPerClass: perClass, testPerClass: 1, seed: seed)
      }
      split.test = try await builtInTest.value { [queue] in
        try await queue.run {
          try BuiltInDigits.load(classes: DeckNetwork.classes, trainPerClass: 1).test
        }
      }
      return split
    }
  }
}

/// A set's images in the order of their classes.
struct LoadedDigits: Sendable {
  /// All images.
  let split: DatasetSplit
  private let train: [[Int]]
  private let test: [[Int]]

  init(_ split: DatasetSplit) {
    self.split = split
    train = split.train.positionsByClass
    test = split.test.positionsByClass
  }

  /// The images of a half, and where in it each class's are.
  subscript(part: DigitPart) -> (dataset: Dataset, positions: [[Int]]) {
    switch part {
    case .train: (split.train, train)
    case .test: (split.test, test)
    }
  }
}

/// The halves of a set.
enum DigitPart: String, CaseIterable, Codable, Sendable {
  /// The images to learn from.
  case train
  /// The images to test with.
  case test
}

extension Dataset {
  /// The positions of each class's images.
  fileprivate var positionsByClass: [[Int]] {
    var positions = [[Int]](repeating: [], count: classNames.count)
    for (position, label) in labels.enumerated() { positions[label].append(position) }
    return positions
  }
}
