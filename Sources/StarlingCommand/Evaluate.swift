import ArgumentParser
import Foundation
import Starling

/// `starling evaluate`: how well a model reads images.
struct Evaluate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure a model on test images.",
    discussion: """
      The classes are the model's own unless --classes says otherwise. In the confusion matrix a row \
      is what an image is, a column what it was taken for. Of a folder of pictures only the part kept \
      for testing is measured: DIR/test, or a fifth of each class.
      """)

  @Argument(help: "The model's file, model.safetensors.")
  var model: String

  @OptionGroup(title: "Images") var dataOptions: DataOptions

  @OptionGroup var threadOptions: ThreadOptions
  @OptionGroup var exactness: ExactnessOptions

  @Flag(help: "Print one JSON document, and nothing else, on standard output.")
  var json = false

  func run() async throws {
    var network = try Network(contentsOf: model)
    network.isExact = exactness.isExact
    var choice = dataOptions.choice
    choice.classes = choice.classes ?? network.classNames
    let split = try await dataOptions.load(choice, showsProgress: !json)
    if let names = network.classNames, names != split.test.classNames {
      throw CommandError(
        "\(model): the model tells \(names.joined(separator: ", ")) apart, but the classes of "
          + "\(choice.title) are \(split.test.classNames.joined(separator: ", ")); leave --classes "
          + "out, or choose images of the model's classes")
    }
    let test = try split.test.choosing(
      classes: Array(split.test.classNames.indices), limitPerClass: choice.limit)
    let evaluation = try network.evaluate(
      on: test, loss: network.usualLoss, threads: threadOptions.threads)
    if json {
      try Console.print(
        json: Report(
          images: evaluation.images, accuracy: evaluation.accuracy, error: evaluation.error,
          confusion: evaluation.confusion))
    } else {
      Console.print(
        "\(grouped(evaluation.images)) test images of \(choice.title): "
          + "accuracy \(share(evaluation.correct, of: evaluation.images)), "
          + "error \(fixed(evaluation.error, 4))")
      Console.print()
      printConfusion(evaluation.confusion, network.outputNames.map(\.printable))
    }
  }

  private func printConfusion(_ confusion: [[Int]], _ names: [String]) {
    let cells = confusion.map { $0.map(grouped) }
    let width = (names + cells.flatMap { $0 }).map(\.count).max() ?? 1
    func right(_ text: String) -> String {
      String(repeating: " ", count: width - text.count + 2) + text
    }
    let margin = String(repeating: " ", count: width + 2)
    Console.print(margin + "  taken for")
    Console.print(margin + names.map(right).joined())
    for (name, row) in zip(names, cells) { Console.print(right(name) + row.map(right).joined()) }
  }

  /// What `--json` prints.
  private struct Report: Encodable {
    let images: Int
    @JSONNumber var accuracy: Double
    @JSONNumber var error: Double
    let confusion: [[Int]]
  }
}
