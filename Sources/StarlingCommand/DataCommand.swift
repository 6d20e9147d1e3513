import ArgumentParser
import Foundation
import Starling
import StarlingData
import StarlingPictures

/// `starling data`: what is in a set of images.
struct DataCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Look at a set of images.")

  @Argument(
    help: ArgumentHelp(
      "The images: mnist, digits (built in), or a folder of IDX files or of one folder a class.",
      valueName: "mnist|digits|DIR"))
  var name: String

  @Option(
    help: ArgumentHelp(
      "Draw 16 training images of each class into a picture.", valueName: "FILE.png"))
  var preview: String?

  @Option(
    name: .customLong("data-dir"),
    help: ArgumentHelp(
      "The folder that data sets lie in; without it, STARLING_DATA, else your cache folder.",
      valueName: "DIR"))
  var dataDirectory: String?

  func run() async throws {
    let choice = DataChoice(source: name, classes: nil, limit: nil)
    let split = try await choice.load(from: dataDirectory, showsProgress: true)
    Console.print(
      "\(choice.title): images of \(split.train.imageShape), \(grouped(split.train.count)) to learn "
        + "from, \(grouped(split.test.count)) to test with")
    let width = max(5, split.train.classNames.map(\.count).max() ?? 0)
    func row(_ cells: [String]) -> String {
      cells[0].padding(toLength: width + 2, withPad: " ", startingAt: 0)
        + cells.dropFirst().map { String(repeating: " ", count: max(0, 10 - $0.count)) + $0 }
        .joined()
    }
    Console.print()
    Console.print(row(["class", "train", "test"]))
    for (label, name) in split.train.classNames.enumerated() {
      let counts = [split.train, split.test].map { half in half.labels.count { $0 == label } }
      Console.print(row([name] + counts.map(grouped)))
    }
    if let preview {
      try draw(split.train).write(to: URL(fileURLWithPath: preview))
      Console.print()
      Console.print("picture   \(preview)")
    }
  }

  private func draw(_ images: Dataset) throws -> Drawing {
    let shown = try images.choosing(
      classes: Array(images.classNames.indices), limitPerClass: 16)
    return try Drawing.contactSheet(
      images: (0..<shown.count).map { shown[$0].image },
      labels: shown.labels.map { shown.classNames[$0] },
      title: name == "digits" ? "Built-in digits" : name)
  }
}
