public import ArgumentParser
public import Starling

/// The optimizers that `--optimizer` knows.
enum OptimizerName: String, CaseIterable, Codable, ExpressibleByArgument {
  case sgd

  /// The optimizer, before its first step.
  func optimizer(learningRate: Float) -> any Optimizer {
    switch self {
    case .sgd: SGD(learningRate: learningRate)
    }
  }
}

extension Preset: ExpressibleByArgument {
  /// All names, for help texts.
  static let names = allCases.map(\.rawValue).joined(separator: "|")

  /// Those that `starling train` can teach: all images that it reads are grey.
  static let trainable = allCases.filter { $0.inputShape[0] == 1 }

  /// The one of those that has a name.
  static func trainable(_ name: String) throws -> Preset {
    let preset = Preset(rawValue: name)
    if let preset, trainable.contains(preset) { return preset }
    let fault =
      preset.map { preset in
        "its images are \(preset.inputShape), and all that the command line reads are grey; "
          + "bench and summary know it, and a program can train it; here "
      } ?? ""
    throw ValidationError(
      "'\(name)': \(fault)expected one of \(trainable.map(\.rawValue).joined(separator: ", "))")
  }
}

/// How many threads may work.
struct ThreadOptions: ParsableArguments {
  @Option(
    name: .customLong("threads"), parsing: .unconditional,
    help: ArgumentHelp(
      "How many threads may work; without it, as many as this process may use processors.",
      discussion: """
        Results are the same for any number. Small steps stay on one thread whatever the number, \
        since waking another would take longer.
        """))
  var count: Int?

  var threads: Threads { count.map(Threads.init) ?? .available }

  func validate() throws {
    try positive(
      count, "--threads", atMost: ThreadPool.mostWorkers, "leave it out to use all processors")
  }
}

/// That a number, if given, is 1 or more and not above what can be worked with.
func positive(_ number: Int?, _ flag: String, atMost most: Int = .max, _ remedy: String) throws {
  guard let number, !(1...most).contains(number) else { return }
  let expected = number < 1 ? "1 or more" : "at most \(grouped(most))"
  throw ValidationError("\(flag): expected \(expected), got \(number); \(remedy)")
}

/// That a network is a model's file or a preset.
///
/// This is for `run()`: an option's value whose name is mistyped reads as the model's file, and the parser
/// tells of unknown names only after `validate()`.
func oneNetwork(_ model: String?, _ preset: Preset?) throws {
  guard model == nil || preset == nil else {
    throw ValidationError("give a model's file or --preset, not both")
  }
}

/// The most images of a step: 65,536 of them, with what the layers make of them, are gigabytes.
let largestBatch = 65_536

/// How exactly a network computes.
struct ExactnessOptions: ParsableArguments {
  @Flag(
    name: .customLong("exact"),
    help: ArgumentHelp(
      "Avoid algorithms that round more than the formula does.",
      discussion: """
        Winograd's F(4×4, 3×3) is the one: its error is about 0.00001 of the outputs' spread, where \
        others have 0.000003 at most. No model remembers the flag: give it each time.
        """))
  var isExact = false
}
