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
}

/// How many threads may work.
struct ThreadOptions: ParsableArguments {
  @Option(
    name: .customLong("threads"), parsing: .unconditional,
    help:
      "How many threads may work; results are the same for any number. Without it, all processors.")
  var count: Int?

  var threads: Threads { count.map(Threads.init) ?? .available }

  func validate() throws {
    try positive(count, "--threads", "leave it out to use all processors")
  }
}

/// That a number, if given, is 1 or more.
func positive(_ number: Int?, _ flag: String, _ remedy: String) throws {
  if let number, number < 1 {
    throw ValidationError("\(flag): expected 1 or more, got \(number); \(remedy)")
  }
}
