import ArgumentParser
import Foundation
import Starling

/// `starling bench`: how many images a second.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how many images a second a network learns from or classifies.",
    discussion: "Steps are timed in rounds of about 0.2 s; the figure is the median of 15 rounds.")

  /// What is measured.
  enum Mode: String, CaseIterable, ExpressibleByArgument, Encodable {
    case train, infer
  }

  @Option(help: ArgumentHelp("The network.", valueName: Preset.names))
  var preset: Preset = .zeroOne

  @Option(
    parsing: .unconditional,
    help: "How many images a step takes; without it, as many as in the preset's training.")
  var batchSize: Int?

  @Option(help: "Whether whole training steps are measured, or predictions.")
  var mode: Mode = .train

  @OptionGroup var threadOptions: ThreadOptions
  @OptionGroup var exactness: ExactnessOptions

  @Flag(help: "Print one JSON document, and nothing else, on standard output.")
  var json = false

  func validate() throws {
    try positive(batchSize, "--batch-size", atMost: largestBatch, "1 is the deck's")
  }

  func run() throws {
    let batch = batchSize ?? preset.batchSize
    let threads = threadOptions.threads
    let classes = preset.classes.count
    var network = try Network(
      input: preset.inputShape, seed: 1, recipes: preset.recipes(classes: classes))
    network.isExact = exactness.isExact
    var random = SeededGenerator(seed: 1)
    let images = Tensor(zeros: preset.inputShape.batched(batch)).map { _ in Float(random.uniform())
    }
    let targets = try Tensor(
      [batch, classes], elements: (0..<batch * classes).map { $0 % (classes + 1) == 0 ? 1 : 0 })
    var trainer = Trainer(
      loss: preset.loss, optimizer: SGD(learningRate: preset.learningRate), batchSize: batch,
      threads: threads)

    let seconds = try medianSeconds {
      switch mode {
      case .train: try trainer.step(&network, images: images, targets: targets)
      case .infer: _ = try network(images, threads: threads)
      }
    }
    let report = Report(
      preset: preset.rawValue, mode: mode, batchSize: batch, threads: threads.count,
      imagesPerSecond: Double(batch) / seconds, millisecondsPerStep: seconds * 1000,
      instructionSet: InstructionSet.current)
    if json {
      try Console.print(json: report)
    } else {
      Console.print(
        "\(report.preset), \(mode.rawValue), batch \(batch), \(threads.count) threads: "
          + "\(grouped(Int(report.imagesPerSecond))) images/s, "
          + "\(fixed(report.millisecondsPerStep, 3)) ms a step")
    }
  }

  /// The median over 15 rounds of how long one step takes, after a warm-up.
  private func medianSeconds(_ step: () throws -> Void) throws -> Double {
    func time(_ steps: Int) throws -> Double {
      let start = DispatchTime.now().uptimeNanoseconds
      for _ in 0..<steps { try step() }
      return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    }
    var steps = 1
    while try time(steps) < 0.1 { steps *= 2 }
    let rounds = try (0..<15).map { _ in try time(steps) / Double(steps) }
    return rounds.sorted()[rounds.count / 2]
  }

  /// What `--json` prints.
  private struct Report: Encodable {
    let preset: String
    let mode: Mode
    let batchSize: Int
    let threads: Int
    let imagesPerSecond: Double
    let millisecondsPerStep: Double
    let instructionSet: InstructionSet
  }
}
