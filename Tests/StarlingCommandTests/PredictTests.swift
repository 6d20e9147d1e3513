import Foundation
import StarlingPictures
import Testing

@Suite("starling predict: pictures as people have them")
struct PredictTests {
  /// A model that has learned the deck's way from built-in digits, for all tests.
  private static let trained = Result {
    let folder = try TemporaryFolder()
    try succeed("train", "--data", "digits", "--out", "run", "--quiet", in: folder.url)
    return folder
  }

  private static func model() throws -> String {
    try trained.get().path("run/model.safetensors")
  }

  @Test(
    "A ring is a 0 and a stroke a 1: of any size, colour, polarity and place",
    .enabled(if: isOptimized, needsSpeed))
  func drawings() throws {
    let folder = try TemporaryFolder()
    func ring(_ x: Double, _ y: Double, _ radius: Double) -> (Double, Double) -> Bool {
      { abs(hypot(($0 - x) / 0.75, $1 - y) - radius) < radius / 5 }
    }
    func stroke(_ x: Double, _ y: Double, _ length: Double) -> (Double, Double) -> Bool {
      { abs($0 - x + ($1 - y) * 0.2) < length / 10 && abs($1 - y) < length }
    }
    let night = (paper: RGB(0x102040), ink: RGB(0xFFD060))
    let zeros = [
      try folder.draw("0.png", isInk: ring(100, 100, 60)),
      try folder.draw("0-big.png", width: 1000, height: 700, isInk: ring(500, 350, 250)),
      try folder.draw("0-corner.png", isInk: ring(40, 45, 25)),
      try folder.draw("0-night.png", paper: night.paper, ink: night.ink, isInk: ring(90, 100, 60)),
      try folder.draw("0-small.png", width: 16, height: 16, isInk: ring(8, 8, 6)),
    ]
    let ones = [
      try folder.draw("1.png", isInk: stroke(100, 100, 60)),
      try folder.draw("1-big.png", width: 1000, height: 700, isInk: stroke(500, 350, 250)),
      try folder.draw("1-corner.png", isInk: stroke(160, 150, 30)),
      try folder.draw(
        "1-night.png", paper: night.paper, ink: night.ink, isInk: stroke(90, 100, 60)),
    ]
    let run = try Running(["predict", Self.model(), "--json"] + zeros + ones).finish()
    #expect(run.status == 0 && run.errors == "", "\(run.errors)")
    let answers = try run.json([[String: Any]].self)
    #expect(answers.map { $0["image"] as? String } == zeros + ones)
    for (answer, expected) in zip(answers, zeros.map { _ in "0" } + ones.map { _ in "1" }) {
      #expect(Set(answer.keys) == ["image", "label", "confidence", "scores"])
      #expect(answer["label"] as? String == expected, "\(answer)")
      let scores = try #require(answer["scores"] as? [Double])
      #expect(scores.count == 2 && scores.max() == answer["confidence"] as? Double)
    }
    let text = try Running(["predict", Self.model(), zeros[0], ones[0]]).finish()
    #expect(text.lines.count == 2)
    #expect(
      text.lines[0].wholeMatch(of: /.*0\.png  Prediction: 0, Confidence: \d+\.\d%/) != nil,
      "\(text.output)")
  }

  @Test("What cannot be read is told of, and the other pictures are answered; exit code 1")
  func bad() throws {
    let folder = try TemporaryFolder()
    let model = try folder.writeModel(to: "model.safetensors")
    _ = try folder.draw("good.png") { x, _ in abs(x - 100) < 10 }
    _ = try folder.draw("blank.png") { _, _ in false }
    try folder.write(Array("GIF89a".utf8), to: "other.png")
    try folder.write(Array(folder.bytes(of: "good.png").dropLast(40)), to: "cut.png")
    let pictures = ["blank.png", "good.png", "other.png", "cut.png", "nowhere.png", "."]
    let run = try Running(["predict", model, "--json"] + pictures, in: folder.url).finish()
    #expect(run.status == 1)
    #expect(try run.json([[String: Any]].self).map { $0["image"] as? String } == ["good.png"])
    let errors = run.errors.split(separator: "\n")
    #expect(errors.count == 5 && errors.allSatisfy { $0.hasPrefix("error: ") }, "\(run.errors)")
    let parts = ["blank.png", "other.png, byte 0: expected a PNG", "cut.png", "nowhere.png", "."]
    for (error, part) in zip(errors, parts) { #expect(error.contains(part), "\(error)") }
    #expect(errors.first?.contains("nothing to see") == true, "\(run.errors)")
  }
}
