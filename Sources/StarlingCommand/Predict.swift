import ArgumentParser
import Foundation
import Starling
import StarlingData
import StarlingPictures

/// `starling predict`: what a model says of pictures.
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Classify pictures.",
    discussion: """
      Pictures are PNG files of any size and colour, light on dark or dark on light. Each is brought to \
      what the model's training images look like: for digits that is grey, light on dark, cropped, \
      scaled into 20×20, with the centre of mass in the middle of 28×28.
      """)

  @Argument(help: "The model's file, model.safetensors.")
  var model: String

  @Argument(help: "The pictures.")
  var images: [String]

  @OptionGroup var exactness: ExactnessOptions

  @Flag(help: "Print one JSON document, and nothing else, on standard output.")
  var json = false

  func run() throws {
    var network = try Network(contentsOf: model)
    network.isExact = exactness.isExact
    var answers: [Answer] = []
    var hasFailed = false
    for path in images {
      do {
        let picture = try Picture(contentsOf: URL(fileURLWithPath: path))
        let image = try picture.prepared(
          for: network.inputShape, by: network.preprocessing ?? .bytes)
        answers.append(Answer(path, try network.predict(image)))
      } catch let error as any StarlingError {
        // One picture that cannot be read says nothing against the others.
        Console.error(error.description.printable)
        hasFailed = true
      }
    }
    if json {
      try Console.print(json: answers)
    } else {
      let width = answers.map(\.image.count).max() ?? 0
      for answer in answers {
        let name = answer.image.padding(toLength: width, withPad: " ", startingAt: 0)
        Console.print(
          "\(name)  Prediction: \(answer.label.printable), Confidence: \(percent(answer.confidence))"
        )
      }
    }
    if hasFailed { throw ExitCode.failure }
  }

  /// What `--json` prints for each picture.
  private struct Answer: Encodable {
    let image: String
    let label: String
    @JSONNumber var confidence: Float
    let scores: [JSONNumber<Float>]

    init(_ image: String, _ prediction: Prediction) {
      self.image = image
      label = prediction.label
      confidence = prediction.confidence
      scores = prediction.scores.map(JSONNumber.init)
    }
  }
}
