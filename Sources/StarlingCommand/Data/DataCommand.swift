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

  @Flag(help: "Print one JSON document, and nothing else, on standard output.")
  var json = false

  func run() async throws {
    let choice = DataChoice(source: name, classes: nil, limit: nil)
    let split = try await choice.load(from: dataDirectory, showsProgress: !json)
    let classes = split.train.classNames.enumerated().map { label, name in
      Report.Class(
        name: name, train: split.train.labels.count { $0 == label },
        test: split.test.labels.count { $0 == label })
    }
    if let preview { try draw(split.train).write(to: URL(fileURLWithPath: preview)) }
    if json {
      try Console.print(
        json: Report(name: name, imageShape: split.train.imageShape.dimensions, classes: classes))
    } else {
      printTable(classes, of: split, title: choice.title)
    }
  }

  private func printTable(_ classes: [Report.Class], of split: DatasetSplit, title: String) {
    Console.print(
      "\(title): images of \(split.train.imageShape), \(grouped(split.train.count)) to learn "
        + "from, \(grouped(split.test.count)) to test with")
    let width = max(5, classes.map(\.name.count).max() ?? 0)
    func row(_ cells: [String]) -> String {
      cells[0].padding(toLength: width + 2, withPad: " ", startingAt: 0)
        + cells.dropFirst().map { String(repeating: " ", count: max(0, 10 - $0.count)) + $0 }
        .joined()
    }
    Console.print()
    Console.print(row(["class", "train", "test"]))
    for one in classes { Console.print(row([one.name, grouped(one.train), grouped(one.test)])) }
    if let preview {
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

  /// What `--json` prints.
  private struct Report: Encodable {
    /// How many images there are of a class.
    struct Class: Encodable {
      let name: String
      let train: Int
      let test: Int
    }

    let name: String
    let imageShape: [Int]
    let classes: [Class]
  }
}
