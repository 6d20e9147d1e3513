import Foundation
import Starling
import StarlingData
import Testing

@Suite("starling train")
struct TrainTests {
  @Test("A line for each epoch, exactly as the deck prints it, then where everything is")
  func lines() throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 2)
    let run = try succeed("train", "--data", data, "--epochs", "10", "--out", folder.path("run"))
    let epochs = run.lines.filter { $0.hasPrefix("epoch ") }
    #expect(epochs.count == 10)
    for (index, line) in epochs.enumerated() {
      let beginning = "epoch \(index + 1)/10" + (index == 9 ? "   " : "    ") + "error="
      #expect(line.hasPrefix(beginning), "\(line)")
      #expect(line.dropFirst(beginning.count).wholeMatch(of: /\d+\.\d\d\d/) != nil, "\(line)")
    }
    #expect(run.output.contains("test accuracy "))
    #expect(run.output.contains("Prediction: "))
    for name in ["model.safetensors", "history.csv", "error-curve.png", "predictions.png"] {
      #expect(run.output.contains(folder.path("run/\(name)")))
    }
    #expect(run.errors == "", "a bar is drawn only where a person is watching")
    #expect(
      folder.names(in: "run") == [
        "error-curve.png", "error-curve.svg", "feature-maps.png", "history.csv", "history.json",
        "kernels.png", "model.safetensors", "predictions.png",
      ])
  }

  @Test("--json: one document with the contract's keys, the same as history.json and history.csv")
  func json() throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 3)
    let run = try succeed(
      "train", "--data", data, "--epochs", "3", "--out", "run", "--json", in: folder.url)
    let report = try run.json()
    #expect(
      Set(report.keys) == ["preset", "data", "images", "seconds", "epochs", "model"])
    #expect(report["preset"] as? String == "zero-one")
    #expect(report["data"] as? String == data)
    #expect(report["images"] as? Int == 6)
    #expect(report["model"] as? String == "run/model.safetensors")
    let epochs = try #require(report["epochs"] as? [[String: Double]])
    #expect(epochs.map { $0["epoch"] } == [1, 2, 3])
    for epoch in epochs {
      #expect(
        Set(epoch.keys) == [
          "epoch", "error", "accuracy", "testError", "testAccuracy", "seconds",
        ])
    }
    let history = try JSONSerialization.jsonObject(with: Data(folder.bytes(of: "run/history.json")))
    #expect(history as? [[String: Double]] == epochs)
    let rows = folder.text(of: "run/history.csv").split(separator: "\n")
    #expect(rows.count == 4 && rows[0] == "epoch,error,accuracy,testError,testAccuracy,seconds")
    let last = rows[3].split(separator: ",").compactMap { Double($0) }
    #expect(last.count == 6 && last[0] == 3)
    #expect(abs(last[1] - (epochs[2]["error"] ?? 0)) < 1e-12, "\(rows), \(epochs)")
  }

  @Test("--quiet says nothing")
  func quiet() throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 2, gzipped: true)
    let run = try succeed(
      "train", "--data", data, "--epochs", "1", "--out", folder.path("run"), "--quiet")
    #expect(run.output == "" && run.errors == "")
    #expect(folder.names(in: "run").contains("model.safetensors"))
  }

  @Test("Without --out each run has a folder of its own")
  func folders() throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 2)
    for _ in 1...3 {
      try succeed("train", "--data", data, "--epochs", "1", "--quiet", in: folder.url)
    }
    #expect(folder.names(in: "runs") == ["zero-one", "zero-one-2", "zero-one-3"])
  }

  @Test("Classes, limit, batch size, learning rate and seed decide what is learned")
  func settings() throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 5)
    func model(_ name: String, _ flags: [String]) throws -> (bytes: [UInt8], images: Int) {
      let arguments = ["train", "--data", data, "--epochs", "1", "--json", "--out", name] + flags
      let run = try Running(arguments, in: folder.url).finish()
      #expect(run.status == 0, "\(run.errors)")
      let network = try SafeTensors(contentsOf: folder.path(name + "/model.safetensors"))
      // Only the numbers: what a model remembers of its run differs in any case.
      let numbers = network.entries.flatMap { Array($0.data) }
      return (numbers, try #require(try run.json()["images"] as? Int))
    }
    let plain = try model("plain", [])
    #expect(plain.images == 10)
    let variants = [
      ["--batch-size", "4"], ["--learning-rate", "0.2"], ["--seed", "2"], ["--limit", "3"],
      ["--keep-order"], ["--classes", "1,0"],
    ]
    for (index, flags) in variants.enumerated() {
      let other = try model("other-\(index)", flags)
      #expect(other.bytes != plain.bytes, "\(flags)")
      #expect(other.images == (flags[0] == "--limit" ? 6 : 10))
    }
    let asDefault = ["--preset", "zero-one", "--optimizer", "sgd", "--seed", "1", "--limit", "all"]
    #expect(try model("same", asDefault + ["--classes", "0,1"]).bytes == plain.bytes)
  }

  @Test("--init: the first weights are the file's, as steps that are too small to count show")
  func initialWeights() throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 2)
    try succeed("train", "--data", data, "--epochs", "2", "--out", "a", "--quiet", in: folder.url)
    try succeed(
      "train", "--data", data, "--epochs", "1", "--learning-rate", "1e-30", "--seed", "7",
      "--init", "a/model.safetensors", "--out", "b", "--quiet", in: folder.url)
    let (a, b) = (
      try SafeTensors(contentsOf: folder.path("a/model.safetensors")),
      try SafeTensors(contentsOf: folder.path("b/model.safetensors"))
    )
    #expect(a.entries == b.entries)
  }

  @Test("Numbers that run away end the run, name the layer, and keep the last good network")
  func nonFinite() throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 5)
    let run = try starling(
      "train", "--data", data, "--epochs", "3", "--learning-rate", "3e38", "--out", "run",
      "--quiet", in: folder.url)
    expectError(run, holding: ["layer ", "infinite or NaN in epoch 1", "smaller learning rate"])
    #expect(try Network(contentsOf: folder.path("run/model.safetensors")).classNames == ["0", "1"])
  }

  @Test("A test error that is no number is null in the history, and the model is kept")
  func nonFiniteHistory() throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 5)
    // One step an epoch: what it spoils shows only in the test.
    let run = try succeed(
      "train", "--data", data, "--epochs", "1", "--batch-size", "10", "--learning-rate", "3e38",
      "--out", "run", "--json", in: folder.url)
    let epoch = try #require((run.json()["epochs"] as? [[String: Any]])?.first)
    #expect(epoch["error"] is Double && epoch["testError"] is NSNull, "\(epoch)")
    let history = try JSONSerialization.jsonObject(with: Data(folder.bytes(of: "run/history.json")))
    #expect((history as? [[String: Any]])?.first?["testError"] is NSNull)
    #expect(folder.text(of: "run/history.csv").contains(",nan,"))
    #expect(try Network(contentsOf: folder.path("run/model.safetensors")).classNames == ["0", "1"])

    // Such a history can be read again, and going on fails for the numbers alone.
    expectError(
      try starling("train", "--resume", "run", "--epochs", "2", "--quiet", in: folder.url),
      holding: ["layer ", "infinite or NaN in epoch 2"])
  }

  @Test("A reader that goes away does not end the run")
  func brokenPipe() throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 2)
    let pipe = folder.path("pipe")
    // A named pipe whose reader has left before the first line is written.
    let run = try starling(
      "train", "--data", data, "--epochs", "1", "--out", "run", in: folder.url,
      shell: "mkfifo '\(pipe)'; exec 3<>'\(pipe)' 1>'\(pipe)' 3>&-")
    #expect(run.status == 0, "\(run)")
    #expect(folder.names(in: "run").contains("model.safetensors"))
  }

  @Test("Help is no error and stands on standard output")
  func help() throws {
    for arguments in [["--help"], [], ["help", "train"], ["train", "--help"]] {
      let help = try Running(arguments).finish()
      #expect(help.status == 0 && help.errors == "")
      #expect(help.output.contains("USAGE: starling"))
    }
    let train = try succeed("train", "--help").output
    #expect(train.contains("zero-one|lenet5|convnet>") && !train.contains("vgg"), "\(train)")
  }
}
