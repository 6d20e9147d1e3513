import ArgumentParser
import Foundation
import Starling

/// The command line: `starling`.
@main
struct StarlingMain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "starling",
    abstract: "Convolutional networks, from the formula up.",
    discussion: """
      Train the network of “Building a Convolutional Layer, Line by Line” with `starling train`, look \
      at every number of its layer with `starling explain`.

      Exit codes: 0 for success, 1 for an error, 64 for wrong usage, 130 after Ctrl-C.
      """,
    subcommands: [
      Train.self, Evaluate.self, Predict.self, Explain.self, CheckGradients.self, Bench.self,
      Summary.self, DataCommand.self,
    ])

  /// Parses, runs, and turns what goes wrong into one line on standard error and an exit code.
  static func main() async {
    // A reader that goes away, or a limit on file sizes, must not end a run that has something to keep:
    // writing then fails with an error that says so.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    var type: any ParsableCommand.Type = Self.self
    do {
      var command = try parseAsRoot()
      type = Swift.type(of: command)
      // A set of instructions that cannot be had is refused before anything is computed with it; help
      // computes nothing.
      if configuration.subcommands.contains(where: { $0 == type }) {
        _ = try InstructionSet.chosen(
          by: ProcessInfo.processInfo.environment[InstructionSet.variable])
      }
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      try Console.checkOutput()
    } catch let error as any StarlingError {
      Console.error(error.description.printable)
      exit(withError: ExitCode.failure)
    } catch let interruption as Interruption {
      exit(withError: ExitCode(128 + interruption.signal))
    } catch let error as ExitCode {
      exit(withError: error)
    } catch let error as ValidationError {
      // The parser wraps its own; this one is thrown by `run()`.
      Console.error("\(error.message)\nUsage: \(usageString(for: type))")
      exit(withError: ExitCode.validationFailure)
    } catch {
      let code = exitCode(for: error)
      guard !code.isSuccess else { exit(withError: error) }  // --help
      let message = fullMessage(for: error)
      let prefix = "Error: "
      Console.error(message.hasPrefix(prefix) ? String(message.dropFirst(prefix.count)) : message)
      exit(withError: code)
    }
  }
}

/// A problem that the command line itself finds.
struct CommandError: StarlingError {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
