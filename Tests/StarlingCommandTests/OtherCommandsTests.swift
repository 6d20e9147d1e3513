import Foundation
import Starling
import StarlingData
import Testing

@Suite("starling evaluate, check-gradients, bench and data")
struct OtherCommandsTests {
  @Test("evaluate: the JSON document's keys, and figures that go together")
  func evaluate() throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 2)
    let model = try folder.writeModel(to: "model.safetensors")
    let report = try succeed("evaluate", model, "--data", data, "--json").json()
    #expect(Set(report.keys) == ["images", "accuracy", "error", "confusion"])
    let confusion = try #require(report["confusion"] as? [[Int]])
    #expect(confusion.map { $0.reduce(0, +) } == [10, 10])
    let right = confusion[0][0] + confusion[1][1]
    #expect(report["images"] as? Int == 20)
    #expect(report["accuracy"] as? Double == Double(right) / 20)
    // An untrained network of two sigmoids errs by about ln 2.
    #expect(abs(try #require(report["error"] as? Double) - 0.69) < 0.3)

    let text = try succeed("evaluate", model, "--data", data, "--limit", "4", "--threads", "1")
    #expect(text.output.hasPrefix("8 test images of \(data): accuracy "))
    #expect(text.output.contains("taken for") && text.errors == "")
  }

  @Test("evaluate on a folder of pictures takes the model's own classes, in the model's order")
  func evaluatePictures() throws {
    let folder = try TemporaryFolder()
    for name in ["bar", "ring", "stroke"] {
      try folder.subfolder("pictures/\(name)")
      for number in 1...5 {
        _ = try folder.draw("pictures/\(name)/\(number).png", width: 30, height: 30) { x, y in
          switch name {
          case "ring": abs(hypot(x - 15, y - 15) - 9) < 2
          case "bar": abs(y - 15) < Double(number)
          default: abs(x - 15) < Double(number)
          }
        }
      }
    }
    try succeed(
      "train", "--data", "pictures", "--classes", "stroke,ring", "--epochs", "1", "--out", "run",
      "--quiet", in: folder.url)
    let own = try succeed(
      "evaluate", "run/model.safetensors", "--data", "pictures", "--json", in: folder.url)
    #expect(try own.json()["images"] as? Int == 2)
    let model = try folder.writeModel(to: "digits.safetensors")
    expectError(
      try starling("evaluate", model, "--data", "pictures", in: folder.url),
      holding: ["pictures", "no class 0", "bar, ring, stroke"])
  }

  @Test("Numbers that are infinite or NaN are null in JSON, and their keys stay")
  func nonFiniteJSON() throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 2)
    var network = try Network(input: [1, 28, 28], seed: 1) {
      Flatten()
      Dense(2)
    }
    network.classNames = ["0", "1"]
    network.preprocessing = .mnist
    var weights = SafeTensors()
    try weights.add(
      "1.weight", Tensor([2, 784], elements: [Float](repeating: 3e38, count: 2 * 784)))
    try weights.add("1.bias", Tensor([2], elements: [0, 0]))
    try network.setParameters(from: weights)
    let model = folder.path("model.safetensors")
    try network.save(to: model)

    let report = try succeed("evaluate", model, "--data", data, "--json").json()
    #expect(Set(report.keys) == ["images", "accuracy", "error", "confusion"])
    #expect(report["error"] is NSNull && report["accuracy"] is Double)

    let checks = try Running(["check-gradients", model, "--json"]).finish()
    #expect(checks.status == 1 && checks.errors == "")
    let rows = try checks.json([[String: Any]].self)
    #expect(rows.count == 3)
    #expect(rows.contains { $0["maxRelativeError"] is NSNull && $0["passed"] as? Bool == false })

    let picture = try folder.draw("one.png") { x, _ in abs(x - 100) < 10 }
    let answers = try succeed("predict", model, picture, "--json").json([[String: Any]].self)
    #expect((answers.first?["scores"] as? [Any])?.first is NSNull)
  }

  @Test(
    "check-gradients: everything passes, for the preset and for a model",
    .enabled(if: isOptimized, needsSpeed))
  func checkGradients() throws {
    let folder = try TemporaryFolder()
    let model = try folder.writeModel(to: "model.safetensors")
    for arguments in [["--preset", "zero-one"], [], [model]] {
      let run = try Running(["check-gradients", "--json"] + arguments).finish()
      #expect(run.status == 0 && run.errors == "", "\(run)")
      let checks = try run.json([[String: Any]].self)
      for check in checks {
        #expect(Set(check.keys) == ["layer", "parameter", "maxRelativeError", "passed"])
        #expect(check["passed"] as? Bool == true)
        #expect(try #require(check["maxRelativeError"] as? Double) < 1e-3)
      }
      let names = checks.compactMap { check in
        (check["layer"] as? String).flatMap { layer in
          (check["parameter"] as? String).map { "\(layer) \($0)" }
        }
      }
      #expect(
        names == [
          "layer 0 (Convolution) weight", "layer 0 (Convolution) bias", "layer 3 (Dense) weight",
          "layer 3 (Dense) bias", "layer 5 (Dense) weight", "layer 5 (Dense) bias", "network input",
        ])
    }
    let text = try succeed("check-gradients", model)
    #expect(text.lines.count == 7 && text.lines.allSatisfy { $0.hasSuffix("  passed") })
  }

  @Test("bench: the JSON document's keys, and two figures for one time")
  func bench() throws {
    let report = try succeed(
      "bench", "--mode", "infer", "--batch-size", "8", "--threads", "1", "--json"
    ).json()
    #expect(
      Set(report.keys) == [
        "preset", "mode", "batchSize", "threads", "imagesPerSecond", "millisecondsPerStep",
        "instructionSet",
      ])
    #expect(report["preset"] as? String == "zero-one" && report["mode"] as? String == "infer")
    #expect(report["batchSize"] as? Int == 8 && report["threads"] as? Int == 1)
    let rate = try #require(report["imagesPerSecond"] as? Double)
    let step = try #require(report["millisecondsPerStep"] as? Double)
    #expect(abs(rate * step / 8000 - 1) < 1e-6)

    for (threads, words) in [("1", "1 thread: "), ("2", "2 threads: ")] {
      let text = try succeed(
        "bench", "--mode", "infer", "--seconds", "0.1", "--threads", threads)
      #expect(text.output.contains(words), "\(text.output)")
    }
  }

  @Test(
    "data digits: ten classes, 70,000 images", .enabled(if: isOptimized, needsSpeed))
  func builtInDigits() throws {
    let digits = try succeed("data", "digits")
    #expect(digits.lines[0].contains("images of 1×28×28, 60,000 to learn from, 10,000 to test"))
    let rows = digits.lines.dropFirst(2).map { $0.split(separator: " ").map(String.init) }
    #expect(rows == (0...9).map { ["\($0)", "6,000", "1,000"] })
  }

  @Test("data: how many images of each class, and a picture of some")
  func data() throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 3)
    let own = try succeed("data", data, "--preview", "preview.png", in: folder.url)
    #expect(own.output.contains("\n0               3        10\n1               3        10\n"))
    #expect(own.output.hasSuffix("picture   preview.png\n"))
    let picture = try Picture(contentsOf: folder.file("preview.png"))
    #expect(picture.width > 100 && picture.height > 50)

    let report = try succeed("data", data, "--json", "--preview", "again.png", in: folder.url)
      .json()
    #expect(Set(report.keys) == ["name", "imageShape", "classes"])
    #expect(report["name"] as? String == data && report["imageShape"] as? [Int] == [1, 28, 28])
    let classes = try #require(report["classes"] as? [[String: Any]])
    #expect(classes.map { $0["name"] as? String } == ["0", "1"])
    #expect(classes.map { $0["train"] as? Int } == [3, 3])
    #expect(classes.map { $0["test"] as? Int } == [10, 10])
    #expect(try folder.bytes(of: "again.png") == folder.bytes(of: "preview.png"))

    let refused = try starling("data", data, "--preview", "preview.txt", in: folder.url)
    #expect(refused.status == 1 && refused.errors.hasPrefix("error: "))
    #expect(refused.errors.contains("preview.txt") && refused.errors.contains(".png or .svg"))
  }
}
