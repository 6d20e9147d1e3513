import ArgumentParser
import Foundation
import Starling

/// `starling train`: teaches a network, and leaves a folder with the model and its pictures.
struct Train: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a network; with no flags, the deck's: zeros against ones.",
    discussion: """
      The run's folder holds model.safetensors, history.json, history.csv and pictures. Ctrl-C ends a \
      run after the step under way and keeps the model so far, as SIGTERM and a closed terminal do; \
      --resume goes on from there, to the same bits as a run that was never interrupted, on a \
      processor with the same instruction set and with --exact given again if it was.
      """)

  @OptionGroup(title: "Images") var dataOptions: DataOptions

  @Option(
    help: ArgumentHelp(
      "The network.", valueName: Preset.trainable.map(\.rawValue).joined(separator: "|")),
    transform: Preset.trainable)
  var preset: Preset?

  @Option(
    parsing: .unconditional,
    help: "How often every image is shown; as the preset says unless given.")
  var epochs: Int?

  @Option(
    parsing: .unconditional,
    help: "How many images a step learns from; as the preset says unless given.")
  var batchSize: Int?

  @Option(
    parsing: .unconditional,
    help: "The length of a step for a slope of 1; as the preset says unless given.")
  var learningRate: Float?

  @Option(help: ArgumentHelp("How weights follow their gradients.", valueName: "sgd"))
  var optimizer: OptimizerName?

  @Option(
    parsing: .unconditional, help: "What everything random is drawn from; 1 unless said.")
  var seed: UInt64?

  @OptionGroup var threadOptions: ThreadOptions
  @OptionGroup var exactness: ExactnessOptions

  @Option(
    name: .customLong("init"),
    help: ArgumentHelp(
      "First weights: tensors named by layer position, 0.weight, 0.bias, …",
      valueName: "FILE.safetensors"))
  var initialWeights: String?

  @Flag(help: "Take the images in file order instead of a random one.")
  var keepOrder = false

  @Option(
    help: ArgumentHelp("The folder for the run; without it, a new one in runs/.", valueName: "DIR"))
  var out: String?

  @Option(
    help: ArgumentHelp(
      "Go on with the run of this folder, which keeps its settings; --epochs may be larger.",
      valueName: "DIR"))
  var resume: String?

  @Flag(help: "Print one JSON document, and nothing else, on standard output.")
  var json = false

  @Flag(help: "Print only errors and warnings.")
  var quiet = false

  func validate() throws {
    try positive(epochs, "--epochs", atMost: RunRecord.mostEpochs, "20 is the deck's")
    try positive(batchSize, "--batch-size", atMost: largestBatch, "1 is the deck's")
    for (flag, folder) in [("--out", out), ("--resume", resume)] where folder == "" {
      throw ValidationError("\(flag): expected a folder, got nothing; name one, such as runs/first")
    }
    if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError(
        "--learning-rate: expected a positive number, got \(learningRate); 0.1 is the deck's")
    }
    guard resume != nil else { return }
    let settled: [(String, Bool)] = [
      ("--data", dataOptions.data != nil), ("--classes", dataOptions.classes != nil),
      ("--limit", dataOptions.limit != nil), ("--preset", preset != nil),
      ("--batch-size", batchSize != nil), ("--learning-rate", learningRate != nil),
      ("--optimizer", optimizer != nil), ("--seed", seed != nil),
      ("--init", initialWeights != nil), ("--keep-order", keepOrder), ("--out", out != nil),
    ]
    if let flag = settled.first(where: \.1)?.0 {
      throw ValidationError(
        "\(flag): a resumed run keeps its settings and its folder; leave the flag out")
    }
  }

  func run() async throws {
    let started = Date()
    let reportsPlainly = !quiet && !json
    var run: TrainingRun
    if let resume { run = try await resumedRun(resume) } else { run = try await newRun() }
    run.showsProgress = reportsPlainly
    if reportsPlainly { run.printHeader() }

    let (outcome, interruption) = await withInterruption { [run] in
      var run = run
      return Result { try run.train() }.map { run }
    }
    let finished = try outcome.get()
    let seconds = Date().timeIntervalSince(started)
    if json {
      try Console.print(json: finished.report(seconds: seconds))
    } else if reportsPlainly {
      finished.printSummary(seconds: seconds)
    }
    try Console.checkOutput()
    if finished.wasInterrupted, let interruption { throw interruption }
  }

  private func newRun() async throws -> TrainingRun {
    let preset = preset ?? .zeroOne
    let chosenFolder = try out.map(RunFolder.init(new:))
    let (choice, split) = try await images(for: preset)
    let settings = RunSettings(
      preset: preset, data: choice.absolute, images: split.train.count, digest: split.train.digest,
      batchSize: batchSize ?? preset.batchSize,
      optimizer: optimizer ?? .sgd, learningRate: learningRate ?? preset.learningRate,
      seed: seed ?? 1, keepsOrder: keepOrder)
    guard split.train.imageShape == preset.inputShape else {
      throw CommandError(
        "\(choice.title): the network \(preset.rawValue) expects images of \(preset.inputShape), got "
          + "\(split.train.imageShape); bring them to that size")
    }
    var network = try Network(
      input: split.train.imageShape, seed: settings.seed,
      recipes: preset.recipes(classes: split.train.classNames.count))
    network.isExact = exactness.isExact
    // A model says what it was taught on even if its first epoch never ends.
    network.classNames = split.train.classNames
    network.preprocessing = split.train.preprocessing
    if let initialWeights {
      try network.setParameters(from: SafeTensors(contentsOf: initialWeights))
    }
    let folder = try chosenFolder ?? RunFolder.next(named: preset.rawValue)
    try folder.create()
    try folder.probe(for: network)
    return TrainingRun(
      settings: settings, network: network, progress: TrainingProgress(), history: [],
      split: split, epochs: epochs ?? preset.epochs, threads: threadOptions.threads, folder: folder)
  }

  /// The images that the flags choose, and for what they leave open the preset's.
  private func images(for preset: Preset) async throws -> (DataChoice, DatasetSplit) {
    var choice = dataOptions.choice
    // What classes a folder of pictures has, nobody but its owner knows.
    if !choice.isPictureFolder {
      choice.classes = choice.classes ?? preset.classes.map(String.init)
      if dataOptions.limit == nil { choice.limit = preset.imagesPerClass }
    }
    do {
      return (
        choice,
        try await dataOptions.load(
          choice, seed: seed ?? 1, showsProgress: !quiet && !json)
      )
    } catch let missing as MissingMNIST {
      Console.note("\(missing.problem), so the built-in digits are used")
      choice.source = "digits"
      return (
        choice,
        try await dataOptions.load(
          choice, seed: seed ?? 1, showsProgress: !quiet && !json)
      )
    }
  }

  private func resumedRun(_ path: String) async throws -> TrainingRun {
    let folder = RunFolder(path)
    let (kept, record, history) = try folder.load()
    var network = kept
    network.isExact = exactness.isExact
    let epochs = epochs ?? record.epochs
    guard record.progress.epoch < epochs else {
      throw CommandError(
        "\(path): this run has finished \(record.progress.epoch) epochs already; go on with a larger "
          + "--epochs, or begin another run")
    }
    try folder.probe(for: network)
    let split = try await record.settings.data.load(
      from: dataOptions.dataDirectory, seed: record.settings.seed, showsProgress: !quiet && !json)
    let settings = record.settings
    guard split.train.count == settings.images, split.train.digest == settings.digest else {
      let change =
        split.train.count == settings.images
        ? "others" : "\(grouped(split.train.count)) instead of \(grouped(settings.images))"
      throw CommandError(
        "\(settings.data.title): the training images are not those that the run \(path) began with, "
          + "but \(change); put those back, or begin another run")
    }
    guard record.progress.imagesSeen <= split.train.count else {
      throw FileError(
        file: folder.model.relativePath,
        expected: "at most \(grouped(split.train.count)) images seen in an epoch, as many as "
          + "\(settings.data.title) has",
        found: "\(record.progress.imagesSeen)",
        remedy: "put the run's model back as `starling train` wrote it")
    }
    let arithmetic = Arithmetic(of: network)
    if let earlier = record.arithmetic, earlier != arithmetic {
      Console.note(
        "\(path): so far computed by \(earlier), from here on by \(arithmetic); the last digits will be "
          + "others than those of a run that was never interrupted")
    }
    return TrainingRun(
      settings: record.settings, network: network, progress: record.progress, history: history,
      split: split, epochs: epochs, threads: threadOptions.threads, folder: folder)
  }
}
