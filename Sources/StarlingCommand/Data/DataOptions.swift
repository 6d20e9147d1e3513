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
        "Without it, MNIST; where it is not to be had, train takes the built-in digits.",
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
