import Foundation
import Starling
import StarlingPictures

extension TrainingRun {
  /// What is trained on what, before the first epoch.
  func printHeader() {
    let names = split.train.classNames.map(\.printable).joined(separator: ", ")
    Console.print(
      "\(settings.preset.rawValue): \(grouped(network.parameterCount)) parameters, classes \(names)"
    )
    Console.print(
      "\(settings.data.title): \(grouped(split.train.count)) images to learn from, "
        + "\(grouped(split.test.count)) to test with")
    if trainer.progress != TrainingProgress() {
      Console.print("resuming \(folder.path) in epoch \(trainer.progress.epoch + 1)")
    }
    Console.print()
  }

  /// The deck's last slide: how well it reads, a few predictions, and where everything is.
  func printSummary(seconds: Double) {
    Console.print()
    if wasInterrupted {
      Console.print("interrupted in epoch \(trainer.progress.epoch + 1); go on with: \(resuming)")
    }
    if let evaluation {
      Console.print(
        "test accuracy \(share(evaluation.correct, of: evaluation.images)) "
          + "(\(grouped(evaluation.correct)) of \(grouped(evaluation.images)) images), "
          + "\(fixed(seconds, 1)) s in all")
      Console.print()
      printPreview(evaluation)
      for position in examples(evaluation) {
        let image = predictedImage(position, evaluation)
        Console.print(image.caption + (image.isMistake ? "    (\(image.correction))" : ""))
      }
      Console.print()
    }
    Console.print("model     \(folder.model.relativePath)")
    Console.print("history   \(folder.file("history.csv").relativePath)")
    for picture in pictures { Console.print("picture   \(picture.relativePath)") }
  }

  /// The command that goes on with the run.
  private var resuming: String {
    "starling train --resume \(folder.path)" + (network.isExact ? " --exact" : "")
  }

  /// The error curve and two digits in characters, where a person watches in a terminal that can.
  private func printPreview(_ evaluation: Evaluation) {
    guard let capability = TerminalCapability.current() else { return }
    let columns = Console.columns(STDOUT_FILENO)
    let shown = examples(evaluation).suffix(2).map { predictedImage($0, evaluation) }
    let curve = try? TerminalPreview.errorCurve(
      training: history.map(\.error), test: history.map(\.testError), columns: min(72, columns),
      capability: capability)
    if let curve { Console.print(curve) }
    let images = try? TerminalPreview.images(
      shown.map(\.image), captions: shown.map { "it says \($0.predicted)" }, columns: columns,
      capability: capability)
    // What is wider than the terminal would be torn.
    if columns >= 28, let images { Console.print(images) }
  }

  /// A test image with what the network took it for.
  private func predictedImage(_ position: Int, _ evaluation: Evaluation) -> PredictedImage {
    let prediction = evaluation.predictions[position]
    return PredictedImage(
      image: split.test[position].image, predicted: prediction.label,
      confidence: prediction.confidence,
      actual: split.test.classNames[split.test.labels[position]])
  }

  /// A few test images to show: two of each class, taken where the set has them, then one mistake.
  private func examples(_ evaluation: Evaluation) -> [Int] {
    let labels = split.test.labels
    var chosen: [Int] = []
    for label in split.test.classNames.indices.prefix(5) {
      chosen += labels.indices.filter { labels[$0] == label }.prefix(2)
    }
    let mistake = labels.indices.first {
      evaluation.predictions.classIndex(at: $0) != labels[$0]
    }
    return chosen.sorted() + (mistake.map { chosen.contains($0) ? [] : [$0] } ?? [])
  }

  /// What `--json` prints.
  func report(seconds: Double) -> TrainingReport {
    TrainingReport(
      preset: settings.preset.rawValue, data: settings.data.source, images: split.train.count,
      seconds: seconds, epochs: history, model: folder.model.relativePath,
      interrupted: wasInterrupted ? true : nil, resume: wasInterrupted ? resuming : nil)
  }
}

/// The JSON document of `starling train --json`.
struct TrainingReport: Encodable {
  let preset: String
  let data: String
  let images: Int
  let seconds: Double
  let epochs: [HistoryEntry]
  let model: String
  /// That a signal ended the run, and the command that goes on with it; only then.
  let interrupted: Bool?
  let resume: String?
}
