import ArgumentParser
import Foundation
import Starling

/// `starling bench`: how many images a second.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how many images a second a network learns from or classifies.",
    discussion: """
      Steps are timed in 15 rounds, and the figure is their median. Training goes through the images of \
      a data set of random bytes, predicting through batches of them.
      """)

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

  @Option(
    parsing: .unconditional, help: "How long to measure, in seconds; the warm-up comes before.")
  var seconds = 3.0

  @OptionGroup var threadOptions: ThreadOptions
  @OptionGroup var exactness: ExactnessOptions

  @Flag(help: "Print one JSON document, and nothing else, on standard output.")
  var json = false

  func validate() throws {
    try positive(batchSize, "--batch-size", atMost: largestBatch, "1 is the deck's")
    guard seconds > 0, seconds <= 600 else {
      throw ValidationError("--seconds: expected more than 0 and at most 600, got \(seconds)")
    }
  }

  func run() throws {
    let batch = batchSize ?? preset.batchSize
    let threads = threadOptions.threads
    let seconds =
      try mode == .train
      ? secondsOfTraining(batch, threads) : secondsOfPredicting(batch, threads)
    let report = Report(
      preset: preset.rawValue, mode: mode, batchSize: batch, threads: threads.count,
      imagesPerSecond: Double(batch) / seconds, millisecondsPerStep: seconds * 1000,
      instructionSet: InstructionSet.current)
    if json {
      try Console.print(json: report)
    } else {
      let unit = threads.count == 1 ? "thread" : "threads"
      Console.print(
        "\(report.preset), \(mode.rawValue), batch \(batch), \(threads.count) \(unit): "
          + "\(grouped(Int(report.imagesPerSecond))) images/s, "
          + "\(fixed(report.millisecondsPerStep, 3)) ms a step")
    }
  }

  /// Images of random bytes, as many as make it tell whether a network was shown the same one before.
  private func images(_ batch: Int) throws -> Dataset {
    let count = (max(256, 2 * batch) + batch - 1) / batch * batch
    let classes = preset.classes.count
    var random = SeededGenerator(seed: 1)
    return try Dataset(
      imageShape: preset.inputShape,
      pixels: (0..<count * preset.inputShape.count).map { _ in
        UInt8.random(in: 0...255, using: &random)
      },
      labels: (0..<count).map { _ in Int.random(in: 0..<classes, using: &random) },
      classNames: (0..<classes).map(String.init))
  }

  private func network() throws -> Network {
    var network = try Network(
      input: preset.inputShape, seed: 1, recipes: preset.recipes(classes: preset.classes.count))
    network.isExact = exactness.isExact
    return network
  }

  /// Whole epochs, as training has them: the order, the steps, the look for numbers that are none.
  private func secondsOfTraining(_ batch: Int, _ threads: Threads) throws -> Double {
    let dataset = try images(batch)
    var network = try network()
    // With a small learning rate the random labels lead nowhere in particular.
    var trainer = Trainer(
      loss: preset.loss, optimizer: SGD(learningRate: 1e-4), batchSize: batch, threads: threads)
    return try medianSeconds {
      _ = try trainer.epoch(&network, on: dataset)
      return dataset.count / batch
    }
  }

  /// One batch after the other.
  private func secondsOfPredicting(_ batch: Int, _ threads: Threads) throws -> Double {
    let dataset = try images(batch)
    let network = try network()
    let batches = stride(from: 0, to: dataset.count, by: batch).map {
      dataset.images($0..<$0 + batch)
    }
    return try medianSeconds {
      for images in batches { _ = try network(images, threads: threads) }
      return batches.count
    }
  }

  /// The median over 15 rounds of how long one step takes, after a warm-up.
  ///
  /// `work` does some steps and tells how many.
  private func medianSeconds(_ work: () throws -> Int) throws -> Double {
    func time(_ repeats: Int) throws -> (whole: Double, step: Double) {
      let start = DispatchTime.now().uptimeNanoseconds
      var steps = 0
      for _ in 0..<repeats { steps += try work() }
      let whole = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
      return (whole, whole / Double(steps))
    }
    var repeats = 1
    while try time(repeats).whole < seconds / 20 { repeats *= 2 }
    let rounds = try (0..<15).map { _ in try time(repeats).step }
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
