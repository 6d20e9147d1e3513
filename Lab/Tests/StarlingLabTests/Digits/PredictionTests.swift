import Foundation
import HTTPTypes
import StarlingLab
import Testing

extension EngineTests {
  /// What the network says of pictures that somebody drew.
  @Suite struct PredictionTests {
    private struct Prediction: Decodable {
      let pixels: [[Float]]
      let label, polarity: String
      let scores: [Float]
      let confidence, sum: Float
      let maps: [[[Float]]]
    }

    private static func ring(_ x: Int, _ y: Int, ink: UInt8 = 0, ground: UInt8 = 255) -> GreyPNG {
      var picture = GreyPNG(shade: ground)
      picture.ring(x, y, radius: 55, pen: 16, shade: ink)
      return picture
    }

    private static func body(_ base64: String) -> String { #"{"png": "\#(base64)"}"# }

    @Test func aRingIsZeroAndAStrokeIsOne() async throws {
      try await EngineClient.withLab { lab in
        let ring = try await lab.post("predict", Self.body(Self.ring(120, 130).base64))
          .decoded(Prediction.self)
        #expect(ring.label == "0")
        #expect(ring.confidence == ring.scores.max() && ring.sum == ring.scores[0] + ring.scores[1])
        #expect(ring.pixels.count == 28 && ring.pixels.allSatisfy { $0.count == 28 })
        #expect(ring.maps.count == 5)
        #expect(ring.maps.allSatisfy { $0.count == 26 && $0.allSatisfy { $0.count == 26 } })
        #expect(ring.maps.joined().joined().allSatisfy { (0...1).contains($0) })

        var picture = GreyPNG(shade: 255)
        picture.stroke(140, from: 60, to: 220, pen: 18, shade: 0)
        let stroke = try await lab.post("predict", Self.body(picture.base64)).decoded(
          Prediction.self)
        #expect(stroke.label == "1")
      }
    }

    @Test func aRingThatIsMovedOrInvertedGivesTheSameNumbers() async throws {
      try await EngineClient.withLab { lab in
        let ring = try await lab.post("predict", Self.body(Self.ring(100, 120).base64))
          .decoded(Prediction.self)
        let moved = try await lab.post("predict", Self.body(Self.ring(140, 160).base64))
          .decoded(Prediction.self)
        let light = try await lab.post(
          "predict", Self.body(Self.ring(100, 120, ink: 255, ground: 0).base64)
        ).decoded(Prediction.self)
        #expect(moved.pixels == ring.pixels && moved.scores == ring.scores)
        #expect(light.pixels == ring.pixels)
        #expect(ring.polarity == "darkOnLight" && light.polarity == "lightOnDark")
      }
    }

    @Test func anImageOfASetIsSeenAsItIs() async throws {
      try await EngineClient.withLab { lab in
        let run = try await lab.run(#"{"data": "digits", "images": 2, "epochs": 1}"#)
        let answer = try await lab.get("runs/\(run.id)/mistakes?limit=5")
        for mistake in try answer.decoded(Mistakes.self).mistakes {
          let prediction = try await lab.post(
            "predict", #"{"run": "\#(run.id)", "pixels": \#(mistake.pixels)}"#
          ).decoded(Prediction.self)
          #expect(prediction.pixels == mistake.pixels && prediction.scores == mistake.scores)
          #expect(prediction.label == mistake.answer && prediction.polarity == "asGiven")
        }
        let both = try await lab.post("predict", #"{"png": "", "pixels": []}"#)
        #expect(try both.problem.field == "pixels")
        let short = try await lab.post("predict", #"{"pixels": [[0]]}"#)
        #expect(try short.problem.message.hasPrefix("pixels: expected 28 rows, found 1"))
      }
    }

    private struct Mistakes: Decodable {
      struct Mistake: Decodable {
        let answer: String
        let scores: [Float]
        let pixels: [[Float]]
      }
      let mistakes: [Mistake]
    }

    @Test(arguments: [0, 128, 255] as [UInt8])
    func aBlankPictureAsksForADrawing(shade: UInt8) async throws {
      try await EngineClient.withLab { lab in
        let answer = try await lab.post("predict", Self.body(GreyPNG(shade: shade).base64))
        #expect(answer.status == .unprocessableContent)
        #expect(try answer.problem.field == "png")
        #expect(try answer.problem.message.hasPrefix("draw something"))
      }
    }

    @Test(
      arguments: [
        (2049, 2048), (65_536, 65_536), (0xFFFF_FFFF, 0xFFFF_FFFF), (0x7FFF_FFFF, 0x7FFF_FFFF),
      ])
    func aPictureThatSaysThatItIsHugeIsRefused(width: Int, height: Int) async throws {
      try await EngineClient.withLab { lab in
        let file = GreyPNG.file(width: width, height: height, rows: [0])
        let answer = try await lab.post("predict", Self.body(Data(file).base64EncodedString()))
        #expect(answer.status == .unprocessableContent)
        #expect(try answer.problem.message.contains("expected a picture of 1 to 4194304 pixels"))
      }
    }

    @Test func whatIsNoPNGIsRefused() async throws {
      try await EngineClient.withLab { lab in
        let whole = Self.ring(120, 120).base64
        let cut = Data((Data(base64Encoded: whole) ?? Data()).prefix(3000))
        let files: [[UInt8]] = [
          [], Array("no picture".utf8), [0xFF, 0xD8, 0xFF, 0xE0], Array(cut),
          GreyPNG.file(width: 0, height: 0, rows: []),
          GreyPNG.file(width: 2048, height: 2048, rows: [0]),
        ]
        for file in files {
          let answer = try await lab.post("predict", Self.body(Data(file).base64EncodedString()))
          #expect(answer.status == .unprocessableContent)
          #expect(try answer.problem.field == "png")
          #expect(try answer.problem.message.hasPrefix("png"))
        }
        for text in ["data:image/png;base64,\(whole)", "*", "abc"] {
          let answer = try await lab.post("predict", Self.body(text))
          #expect(answer.status == .badRequest)
          #expect(try answer.problem.field == "png")
        }
      }
    }

    @Test func pixelsOfEveryThinShapeAreRead() async throws {
      try await EngineClient.withLab { lab in
        for (width, height) in [(1, 300), (300, 1), (2, 2), (3, 200)] {
          var picture = GreyPNG(width: width, height: height, shade: 255)
          picture.ring(width / 2, height / 2, radius: 0, pen: 0, shade: 0)
          let answer = try await lab.post("predict", Self.body(picture.base64))
          #expect(answer.status == .ok, "\(width)×\(height)")
        }
        // Nothing stands out from one pixel.
        let answer = try await lab.post(
          "predict", Self.body(GreyPNG(width: 1, height: 1, shade: 0).base64))
        #expect(answer.status == .unprocessableContent)
      }
    }

    @Test func anUntrainedNetworkAnswersToo() async throws {
      try await EngineClient.withLab { lab in
        let answer = try await lab.post(
          "predict", #"{"run": "untrained", "png": "\#(Self.ring(120, 120).base64)"}"#)
        #expect(answer.status == .ok)
        #expect(try answer.decoded(Prediction.self).confidence < 0.9)
      }
    }
  }
}
