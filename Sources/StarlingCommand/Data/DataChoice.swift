import Foundation
import Starling
import StarlingData

/// What images to use, settled: what a run remembers so that it can be resumed.
struct DataChoice: Codable, Equatable {
  /// `mnist`, `digits`, or a folder.
  var source: String
  /// The classes by name, or all.
  var classes: [String]?
  /// The training images of each class, or all.
  var limit: Int?

  /// The folder, for a source that is one.
  private var folder: URL { URL(fileURLWithPath: source, isDirectory: true) }

  /// Whether the source is a folder of pictures, whose classes nobody but its owner knows.
  var isPictureFolder: Bool {
    source != "mnist" && source != "digits" && !IDXFolder.isPresent(in: folder)
  }

  /// The same choice, whatever the working directory.
  var absolute: DataChoice {
    guard source != "mnist", source != "digits" else { return self }
    return DataChoice(source: folder.standardizedFileURL.path, classes: classes, limit: limit)
  }

  /// What people call it.
  var title: String {
    switch source {
    case "mnist": "MNIST"
    case "digits": "the built-in digits"
    default: source
    }
  }

  /// Loads the images, from data sets that lie in `directory` if the user said so.
  ///
  /// Built-in digits to learn from are drawn from `seed`, so that each seed has its own; those to
  /// test with are always the same, so that figures can be compared.
  func load(
    from directory: String?, seed: UInt64 = 1, showsProgress: Bool
  ) async throws -> DatasetSplit {
    switch source {
    case "mnist":
      let files = try await DataChoice.mnistFiles(directory, showsProgress: showsProgress)
      let classes = try indices(of: Self.digitNames) ?? Array(0...9)
      return try titled { try MNIST.load(files, classes: classes, limitPerClass: limit) }
    case "digits":
      let digits = try (classes ?? DataChoice.digitNames).map { name in
        guard let digit = DataChoice.digitNames.firstIndex(of: name) else {
          throw unknownClass(name, DataChoice.digitNames)
        }
        return digit
      }
      var split = try BuiltInDigits.load(classes: digits, trainPerClass: limit)
      if seed != 1 {
        split.train =
          try BuiltInDigits.load(
            classes: digits, trainPerClass: limit, testPerClass: 1, seed: seed
          ).train
      }
      return split
    default:
      if IDXFolder.isPresent(in: folder) {
        // Which images are wanted is known before the first is read; only those are.
        let files = try IDXFolder(folder).open()
        let classes = try indices(of: files.classNames)
        return try titled { try files.load(classes: classes, limitPerClass: limit) }
      }
      let all = try DataFolder.load(directory: folder)
      let classes = try indices(of: all.train.classNames)
      return try titled { try all.choosing(classes: classes, limitPerClass: limit) }
    }
  }

  private static let digitNames = (0...9).map(String.init)

  /// The files of MNIST where they lie, or fetched.
  static func mnistFiles(_ directory: String?, showsProgress: Bool) async throws -> IDXFolder {
    let location = DataLocation(directory: directory)
    if let files = try MNIST.locate(in: location) { return files }
    let bar = DownloadBar(isWanted: showsProgress)
    defer { bar.clear() }
    return try await MNIST.fetch(into: location) { bar.update($0) }
  }

  /// The positions of the chosen classes among all; `nil` where none was chosen.
  private func indices(of names: [String]) throws -> [Int]? {
    try classes?.map { name in
      guard let index = names.firstIndex(of: name) else { throw unknownClass(name, names) }
      return index
    }
  }

  /// Loads images; of a choice that cannot be met, says whose classes they are.
  private func titled(_ load: () throws -> DatasetSplit) throws -> DatasetSplit {
    do {
      return try load()
    } catch let error as DatasetError {
      throw CommandError("\(title): \(error)")
    }
  }

  private func unknownClass(_ name: String, _ known: [String]) -> CommandError {
    CommandError(
      "\(title): there is no class \(name); its classes are \(known.joined(separator: ", ")); choose "
        + "among them with --classes")
  }
}
