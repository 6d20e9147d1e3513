import ArgumentParser

/// The command line: `starling`.
@main
struct StarlingMain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "starling",
    abstract: "Convolutional networks from the formula up.")
}
