import ArgumentParser
import LineByLine

/// `starling explain`: the convolutional layer on numbers small enough to read.
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show every number of the convolutional layer, forward and backward.",
    discussion: """
      One input and one kernel, Y = B + X ⋆ K: the forward pass product by product, then dE/dK with \
      its chain-rule terms, dE/dB, and dE/dX by scattering and by gathering, each beside its finite \
      difference and with the lines of the source that do it.

      A matrix is written row by row, with spaces between numbers and semicolons between rows. \
      Without options it is a fixture that can be checked by hand.

        starling explain --x "1 6 2; 5 3 1; 7 0 4" --k "1 2; -1 0" --dy "1 0; 2 -1"
      """)

  @Option(parsing: .unconditional, help: "The input X, at most 6 rows of 6 numbers.")
  var x: String?

  @Option(parsing: .unconditional, help: "The kernel K, at most as large as X.")
  var k: String?

  @Option(
    name: .customLong("dy"), parsing: .unconditional,
    help: "dE/dY, of the size of Y. (default: 1 everywhere, if --x or --k is given)")
  var dY: String?

  @Option(
    parsing: .unconditional,
    help: "The bias B: one number, or one for each position of Y. (default: 0)")
  var bias: String?

  func run() throws {
    let input = try ExplainInput(x: x, k: k, dY: dY, bias: bias)
    for line in try Explanation(input).lines { Console.print(line) }
  }
}
