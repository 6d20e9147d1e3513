import Foundation
import Starling
import StarlingData
import Testing

@Suite("The code of StarlingData's documentation")
struct DocumentationExamplesTests {
  @Test("A small network learns built-in digits, and reads a PNG of one")
  func example() throws {
    let digits = try BuiltInDigits.load(classes: [0, 1], trainPerClass: 100, testPerClass: 100)

    var network = try Network(input: [1, 28, 28], seed: 1) {
      Convolution(depth: 5, kernelSize: 3)
      ReLU()
      Flatten()
      Dense(2)
      Softmax()
    }
    var trainer = Trainer(
      loss: CategoricalCrossEntropy(), optimizer: SGD(learningRate: 0.1), batchSize: 4)
    for _ in 1...3 {
      let report = try trainer.epoch(&network, on: digits.train)
      print("epoch \(report.epoch)/3    error=\(report.error)")
    }
    let evaluation = try network.evaluate(on: digits.test, loss: trainer.loss)
    #expect(evaluation.accuracy >= 0.95)

    // A zero in the middle of a large sheet, dark on light.
    let zero = digits.test.pixels.prefix(28 * 28)
    var sheet = [Int](repeating: 255, count: 90 * 60)
    for (index, pixel) in zero.enumerated() {
      sheet[(20 + index / 28) * 90 + 40 + index % 28] = 255 - Int(pixel)
    }
    let folder = try TemporaryFolder()
    let file = try folder.write(TestPNG(width: 90, height: 60).encoded(sheet), to: "zero.png")

    let picture = try Picture(contentsOf: file)
    let input = try picture.prepared(
      for: network.inputShape, by: network.preprocessing ?? .mnist)
    let answer = try network.predict(input)
    #expect(digits.test.labels[0] == 0)
    #expect(answer.label == "0")
  }

  @Test("Every line of Swift on the page stands in this file")
  func pageIsCompiled() throws {
    let here = URL(fileURLWithPath: #filePath)
    let page = here.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
      .appendingPathComponent("Sources/StarlingData/StarlingData.docc/StarlingData.md")
    let compiled = Self.lines(of: try String(contentsOf: here, encoding: .utf8))

    // Text between fences is every second part; that which begins with the word is Swift.
    let fenced = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "```")
    #expect(fenced.count % 2 == 1)
    for part in stride(from: 1, to: fenced.count, by: 2) where fenced[part].hasPrefix("swift\n") {
      let excerpt = Self.lines(of: String(fenced[part].dropFirst("swift\n".count)))
      let isThere = compiled.indices.contains { compiled[$0...].starts(with: excerpt) }
      #expect(isThere, "StarlingData.md shows code that is not compiled:\(fenced[part])")
    }
  }

  /// A text's lines without indentation, and none that are empty.
  private static func lines(of text: String) -> [String] {
    text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
  }
}
