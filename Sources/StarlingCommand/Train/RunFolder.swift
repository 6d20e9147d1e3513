import Foundation
import Starling
import StarlingPictures

/// What a run was asked to do: everything that decides its numbers, and nothing else.
struct RunSettings: Codable, Equatable {
  var preset: Preset
  var data: DataChoice
  /// How many images there were to learn from.
  var images: Int
  /// What tells these images from others: ``Dataset/digest``.
  var digest: String
  var batchSize: Int
  var optimizer: OptimizerName
  var learningRate: Float
  var seed: UInt64
  var keepsOrder: Bool
}

/// What a model file remembers of the run that made it.
struct RunRecord: Codable {
  var settings: RunSettings
  var epochs: Int
  var progress: TrainingProgress
  /// How it was computed so far; nil in runs of programs that did not note it.
  var arithmetic: Arithmetic?

  /// The key among the model file's notes.
  static let key = "starling.run"

  /// The most epochs of a run.
  static let mostEpochs = 1_000_000
}

/// What the last digits of a run depend on beside its settings.
struct Arithmetic: Codable, Equatable, CustomStringConvertible {
  var instructionSet: InstructionSet
  var isExact: Bool

  /// That by which this process runs a network.
  init(of network: Network) {
    instructionSet = .current
    isExact = network.isExact
  }

  var description: String { "\(instructionSet.rawValue) \(isExact ? "with" : "without") --exact" }
}

/// One line of a run's history.
struct HistoryEntry: Codable {
  var epoch: Int
  @JSONNumber var error: Double
  @JSONNumber var accuracy: Double
  @JSONNumber var testError: Double
  @JSONNumber var testAccuracy: Double
  var seconds: Double
}

/// The folder of a run: `model.safetensors`, `history.json`, `history.csv`, and pictures.
struct RunFolder {
  let url: URL

  init(_ path: String) {
    url = URL(fileURLWithPath: path, isDirectory: true)
  }

  /// All that a run may write into its folder.
  private static let fileNames = [
    "model.safetensors", "history.json", "history.csv", "error-curve.png", "error-curve.svg",
    "predictions.png", "kernels.png", "feature-maps.png",
  ]

  /// A folder for a run that begins, which must hold no file that the run would write over.
  init(new path: String) throws {
    self.init(path)
    let present = Self.fileNames.first { FileManager.default.fileExists(atPath: file($0).path) }
    guard let present else { return }
    let isRun = file(present) == model
    throw CommandError(
      "\(path): there is a \(isRun ? "run" : "file \(present)") in this folder already"
        + (isRun ? ", \(present)" : ", which a run would write over") + "; choose another --out"
        + (isRun ? ", or go on with it: --resume \(path)" : ""))
  }

  /// Makes the first of `runs/NAME`, `runs/NAME-2`, `runs/NAME-3` and so on that nobody has made.
  static func next(named name: String) throws -> RunFolder {
    var number = 1
    while true {
      let folder = RunFolder("runs/\(name)" + (number == 1 ? "" : "-\(number)"))
      if try folder.create() { return folder }
      number += 1
    }
  }

  var path: String { url.relativePath }
  var model: URL { file("model.safetensors") }
  private var historyJSON: URL { file("history.json") }

  func file(_ name: String) -> URL { URL(fileURLWithPath: path + "/" + name) }

  /// Makes the folder and those that it lies in; says whether it is new.
  @discardableResult
  func create() throws(FileError) -> Bool {
    try Self.make(path)
  }

  private static func make(_ path: String) throws(FileError) -> Bool {
    if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      let parent = String(path[..<slash])
      if !isFolder(parent) { _ = try make(parent) }
    }
    if mkdir(path, 0o777) == 0 { return true }
    let reason = String(cString: strerror(errno))
    if isFolder(path) { return false }
    throw FileError(
      file: path, problem: "the folder cannot be made: \(reason)",
      remedy: "choose another with --out")
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }

  /// Makes sure, before an hour of training, that the folder takes the network's file.
  func probe(for network: Network) throws(FileError) {
    // A name that nobody else's file has, and the same each time: what a killed run left is removed.
    let probe = file(".starling-probe")
    let bytes = network.parameters.reduce(0) { $0 + $1.count } * MemoryLayout<Float>.size
    try AtomicFile.write([UInt8](repeating: 0, count: bytes), to: probe.relativePath)
    try? FileManager.default.removeItem(at: probe)
  }

  /// Keeps the model and the history.
  ///
  /// The history comes first: a model is never ahead of it.
  func save(_ network: Network, _ record: RunRecord, _ history: [HistoryEntry]) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try AtomicFile.write(Array(encoder.encode(history)), to: historyJSON.relativePath)
    let columns = "epoch,error,accuracy,testError,testAccuracy,seconds\n"
    let rows = history.map { entry in
      let numbers = [
        entry.error, entry.accuracy, entry.testError, entry.testAccuracy, entry.seconds,
      ]
      // Some systems write NaN with a sign.
      let words = numbers.map { $0.isNaN ? "nan" : "\($0)" }
      return "\(entry.epoch),\(words.joined(separator: ","))\n"
    }
    try AtomicFile.write(
      Array((columns + rows.joined()).utf8), to: file("history.csv").relativePath)

    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let note = String(decoding: try encoder.encode(record), as: UTF8.self)
    try ModelFile(network, notes: [RunRecord.key: note]).write(to: model.relativePath)
  }

  /// What an earlier run kept.
  func load() throws -> (network: Network, record: RunRecord, history: [HistoryEntry]) {
    guard FileManager.default.fileExists(atPath: model.path) else {
      throw CommandError(
        "\(path): there is no model.safetensors in this folder, so there is nothing to go on with; "
          + "begin a run with --out \(path), or name the folder of one")
    }
    let file = try ModelFile(contentsOf: model.relativePath)
    guard let note = file.notes[RunRecord.key],
      let record = try? JSONDecoder().decode(RunRecord.self, from: Data(note.utf8))
    else {
      throw FileError(
        file: model.relativePath, problem: "the model does not say how it was being trained",
        remedy: "resume a folder that `starling train` made")
    }
    for number in [record.epochs, record.progress.epoch]
    where !(0...RunRecord.mostEpochs).contains(number) {
      throw FileError(
        file: model.relativePath,
        expected: "a run of at most \(grouped(RunRecord.mostEpochs)) epochs", found: "\(number)",
        remedy: "put the run's model back as `starling train` wrote it")
    }
    let history: [HistoryEntry]
    do {
      history = try JSONDecoder().decode([HistoryEntry].self, from: Data(contentsOf: historyJSON))
    } catch {
      throw FileError(
        file: historyJSON.relativePath, problem: "the history cannot be read: \(error.reason)",
        remedy: "put the run's history.json back")
    }
    return (file.network, record, history.filter { $0.epoch <= record.progress.epoch })
  }
}

extension Error {
  /// What Foundation says went wrong, in one line.
  var reason: String {
    let error = self as NSError
    let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError
    return (cause ?? error).localizedDescription
  }
}
