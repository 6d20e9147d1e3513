import ArgumentParser
import Foundation
import Starling
import StarlingData

/// The flags that choose images: where they come from, which classes, how many.
struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The images: mnist, digits (built in), or a folder of IDX files or of one folder a class.",
      discussion:
        "Without it, MNIST; where it can be neither found nor fetched, train takes digits.",
      valueName: "mnist|digits|DIR"))
  var data: String?

  @Option(
    help: ArgumentHelp("The classes to tell apart, by name.", valueName: "0,1"),
    transform: DataOptions.classes)
  var classes: [String]?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The images of each class to take.", valueName: "N|all"),
    transform: DataOptions.limit)
  var limit: Limit?

  @Option(
    name: .customLong("data-dir"),
    help: ArgumentHelp(
      "The folder that data sets lie in: DIR/mnist/train-images-idx3-ubyte.gz and so on.",
      discussion: "Without it, the variable STARLING_DATA, else your cache folder.",
      valueName: "DIR"))
  var dataDirectory: String?

  /// How many images of each class.
  enum Limit {
    case all
    case first(Int)

    var count: Int? {
      if case .first(let count) = self { count } else { nil }
    }
  }

  private static func classes(_ text: String) throws -> [String] {
    let names = text.split(separator: ",", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    guard names.allSatisfy({ !$0.isEmpty }), Set(names).count == names.count else {
      throw ValidationError("'\(text)': name each class once, separated by commas, as in 0,1")
    }
    return names
  }

  private static func limit(_ text: String) throws -> Limit {
    if text == "all" { return .all }
    guard let count = Int(text), count > 0 else {
      throw ValidationError("'\(text)': expected a whole number from 1, or all")
    }
    return .first(count)
  }
}

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
      return try choose(from: MNIST.load(files))
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
      return try choose(from: DataFolder.load(directory: folder))
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

  private func choose(from all: DatasetSplit) throws -> DatasetSplit {
    let names = all.train.classNames
    let chosen = try (classes ?? names).map { name in
      guard let index = names.firstIndex(of: name) else { throw unknownClass(name, names) }
      return index
    }
    do {
      return try all.choosing(classes: chosen, limitPerClass: limit)
    } catch {
      throw CommandError("\(title): \(error)")
    }
  }

  private func unknownClass(_ name: String, _ known: [String]) -> CommandError {
    CommandError(
      "\(title): there is no class \(name); its classes are \(known.joined(separator: ", ")); choose "
        + "among them with --classes")
  }
}

extension DataOptions {
  /// What the flags say; all classes and all images where they say nothing.
  var choice: DataChoice {
    DataChoice(source: data ?? "mnist", classes: classes, limit: limit?.count)
  }

  /// Loads what was chosen.
  ///
  /// - Throws: ``MissingMNIST`` where nobody has asked for MNIST by name and there is none, another
  ///   ``StarlingError`` for data that is missing, damaged, or without such a class.
  func load(
    _ choice: DataChoice, seed: UInt64 = 1, showsProgress: Bool
  ) async throws -> DatasetSplit {
    do {
      return try await choice.load(
        from: dataDirectory, seed: seed, showsProgress: showsProgress)
    } catch let error as any StarlingError where data == nil && choice.source == "mnist" {
      // Files that are there, or that the user named, are not passed over, whatever is wrong.
      guard try MNIST.locate(in: DataLocation(directory: dataDirectory)) == nil else { throw error }
      throw MissingMNIST(error)
    }
  }
}

/// MNIST is neither in the cache nor to be had, and nobody has asked for it by name.
struct MissingMNIST: StarlingError {
  let problem: String

  init(_ error: any StarlingError) {
    var reason = error.description
    if let error = error as? DownloadError {
      reason = Set(error.attempts.map(\.reason)).sorted().joined(separator: ", ")
    }
    problem = "MNIST can be neither found nor fetched here (\(reason))"
  }

  var description: String {
    "\(problem); give --data digits for the built-in digits, or --data-dir with the folder that "
      + "mnist/ lies in"
  }
}

/// A progress line that downloads may draw from any thread.
private final class DownloadBar: @unchecked Sendable {
  private let lock = NSLock()
  private var line: ProgressLine

  init(isWanted: Bool) {
    line = ProgressLine(isWanted: isWanted)
  }

  func update(_ progress: DownloadProgress) {
    lock.withLock {
      line.update(
        progress.file, fraction: Double(progress.bytes) / Double(max(1, progress.total)),
        "\(grouped(progress.bytes / 1000)) of \(grouped(progress.total / 1000)) kB")
    }
  }

  func clear() {
    lock.withLock { line.clear() }
  }
}
