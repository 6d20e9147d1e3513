import Foundation
import Starling

/// A run of `starling train`: the network, its images, and what it has come to.
struct TrainingRun: Sendable {
  let settings: RunSettings
  let split: DatasetSplit
  let epochs: Int
  let folder: RunFolder
  private(set) var network: Network
  private(set) var history: [HistoryEntry]
  private(set) var trainer: Trainer
  private(set) var evaluation: Evaluation?
  private(set) var pictures: [URL] = []
  private(set) var wasInterrupted = false
  var showsProgress = false

  init(
    settings: RunSettings, network: Network, progress: TrainingProgress, history: [HistoryEntry],
    split: DatasetSplit, epochs: Int, threads: Threads, folder: RunFolder
  ) {
    self.settings = settings
    self.network = network
    self.history = history
    self.split = split
    self.epochs = epochs
    self.folder = folder
    trainer = Trainer(
      loss: settings.preset.loss,
      optimizer: settings.optimizer.optimizer(learningRate: settings.learningRate),
      batchSize: settings.batchSize, seed: settings.seed, keepsOrder: settings.keepsOrder,
      threads: threads)
    trainer.progress = progress
  }

  /// Trains until the last epoch or Ctrl-C, and keeps the model, the history and the pictures.
  mutating func train() throws {
    var line = ProgressLine(isWanted: showsProgress)
    // Of a run that is killed at most the last ten seconds and one epoch are lost; a short one is saved
    // once, since making sure that three files are on the disk takes longer than many an epoch.
    var lastSaved = Date()
    do {
      while trainer.progress.epoch < epochs {
        let entry = try epoch(&line)
        history.append(entry)
        line.clear()
        if showsProgress { Console.print(Self.line(entry, of: epochs)) }
        if Date().timeIntervalSince(lastSaved) > 10 {
          try save()
          lastSaved = Date()
        }
      }
    } catch is CancellationError {
      wasInterrupted = true
    } catch let error as TrainingError {
      // The trainer has put back the network of the last good epoch.
      line.clear()
      try save()
      throw CommandError(
        "\(error), with --init \(folder.model.relativePath) and another --learning-rate and --out")
    }
    line.clear()
    try save()
    if evaluation == nil || wasInterrupted {
      evaluation = try network.evaluate(
        on: split.test, loss: settings.preset.loss, threads: trainer.threads)
    }
    if let evaluation {
      pictures = try RunPictures(
        folder: folder, network: network, history: history, test: split.test,
        evaluation: evaluation, threads: trainer.threads
      ).draw()
    }
  }

  /// `epoch 1/20    error=0.251`, as the deck prints it.
  static func line(_ entry: HistoryEntry, of epochs: Int) -> String {
    "epoch \(entry.epoch)/\(epochs)".padding(toLength: 14, withPad: " ", startingAt: 0)
      + "error=" + fixed(entry.error, 3)
  }

  private mutating func epoch(_ line: inout ProgressLine) throws -> HistoryEntry {
    let start = Date()
    let first = trainer.progress.imagesSeen
    let (number, epochs, images) = (trainer.progress.epoch + 1, epochs, split.train.count)
    // A count of all images ever shown may be beyond Int.
    let all = Double(images) * Double(epochs)
    func done(_ progress: TrainingProgress) -> Double {
      Double(progress.epoch) * Double(images) + Double(progress.imagesSeen)
    }
    func speed(_ progress: TrainingProgress) -> String {
      let seconds = max(Date().timeIntervalSince(start), 1e-6)
      let rate = Double(progress.imagesSeen - first) / seconds
      return "\(grouped(Int(rate))) images/s  \(timeLeft((all - done(progress)) / rate))"
    }
    let report = try trainer.epoch(&network, on: split.train) { progress in
      line.update(
        "epoch \(number)/\(epochs)", fraction: done(progress) / all, speed(progress))
    }
    let evaluation = try network.evaluate(
      on: split.test, loss: trainer.loss, threads: trainer.threads)
    self.evaluation = evaluation
    return HistoryEntry(
      epoch: report.epoch, error: report.error, accuracy: report.accuracy,
      testError: evaluation.error, testAccuracy: evaluation.accuracy,
      seconds: Date().timeIntervalSince(start))
  }

  private func save() throws {
    try folder.save(
      network,
      RunRecord(
        settings: settings, epochs: max(epochs, trainer.progress.epoch), progress: trainer.progress,
        arithmetic: Arithmetic(of: network)),
      history)
  }
}
