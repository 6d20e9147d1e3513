import Foundation
import Starling
import Testing

@Suite("starling train: same seed, same bits")
struct RepeatedRunTests {
  @Test(
    "The same seed twice, and any number of threads: byte-identical model files",
    arguments: [1, 8])
  func threads(batchSize: Int) throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 8)
    func model(_ name: String, seed: String, threads: String) throws -> [UInt8] {
      try succeed(
        "train", "--data", data, "--epochs", "2", "--batch-size", "\(batchSize)", "--seed", seed,
        "--threads", threads, "--out", name, "--quiet", in: folder.url)
      return try folder.bytes(of: name + "/model.safetensors")
    }
    let first = try model("first", seed: "5", threads: "1")
    #expect(try model("again", seed: "5", threads: "1") == first)
    #expect(try model("two", seed: "5", threads: "2") == first)
    #expect(try model("three", seed: "5", threads: "3") == first)
    #expect(try model("other", seed: "6", threads: "1") != first)
  }

  @Test("Three epochs and then five more are the same as eight: model and history")
  func resume() throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 4)
    try succeed("train", "--data", data, "--epochs", "8", "--out", "whole", in: folder.url)
    try succeed("train", "--data", data, "--epochs", "3", "--out", "parts", in: folder.url)
    #expect(try history(in: folder, "parts").count == 3)
    let resumed = try succeed("train", "--resume", "parts", "--epochs", "8", in: folder.url)
    #expect(resumed.output.contains("resuming parts in epoch 4"))
    #expect(resumed.lines.count { $0.hasPrefix("epoch ") } == 5)
    #expect(try isSame(folder, "whole", "parts"))

    let finished = try starling("train", "--resume", "parts", in: folder.url)
    expectError(finished, holding: ["parts", "finished 8 epochs", "--epochs"])
  }

  @Test("Built-in digits are drawn from the seed, and a resumed run draws the same again")
  func seededDigits() throws {
    let folder = try TemporaryFolder()
    let train = ["train", "--data", "digits", "--limit", "3", "--out"]
    func digest(_ name: String, _ flags: [String]) throws -> String {
      let run = try Running(train + [name] + flags, in: folder.url).finish()
      #expect(run.status == 0, "\(run.errors)")
      let note = try ModelFile(contentsOf: folder.path(name + "/model.safetensors")).notes
      let value = try JSONSerialization.jsonObject(
        with: Data(try #require(note["starling.run"]).utf8))
      let settings = try #require((value as? [String: Any])?["settings"] as? [String: Any])
      return try #require(settings["digest"] as? String)
    }
    let digests = try (1...3).map {
      try digest("seed-\($0)", ["--epochs", "2", "--seed", "\($0)"])
    }
    #expect(Set(digests).count == 3)
    #expect(try digest("again", ["--epochs", "1", "--seed", "2"]) == digests[1])
    try succeed("train", "--resume", "again", "--epochs", "2", "--quiet", in: folder.url)
    #expect(try isSame(folder, "seed-2", "again"))

    // What a run is tested with does not depend on its seed: evaluate finds the run's own figure.
    let report = try succeed(
      "evaluate", "seed-2/model.safetensors", "--data", "digits", "--json", in: folder.url
    ).json()
    let last = try #require(try history(in: folder, "seed-2").last)
    #expect(report["error"] as? Double == last["testError"])
  }

  @Test("After Ctrl-C the model so far is kept, and going on gives the same as never stopping")
  func interruption() throws {
    let folder = try TemporaryFolder()
    let perClass = isOptimized ? 200 : 4
    let data = try folder.writeDigits(to: "data", perClass: perClass)
    let begin = ["train", "--data", data, "--epochs", "8", "--out"]
    let whole = try Running(begin + ["whole"], in: folder.url).finish()
    #expect(whole.status == 0, "\(whole.errors)")

    let running = try Running(begin + ["parts"], in: folder.url)
    #expect(running.wait { running.output.contains("epoch 2/8 ") })
    running.send(SIGINT)
    let interrupted = running.finish()
    #expect(interrupted.status == 130, "\(interrupted)")
    #expect(interrupted.output.contains("interrupted in epoch "))
    #expect(interrupted.output.contains("starling train --resume parts"))
    #expect(interrupted.errors == "")
    let kept = try Network(contentsOf: folder.path("parts/model.safetensors"))
    #expect(kept.classNames == ["0", "1"])
    #expect((2..<8).contains(try history(in: folder, "parts").count))

    // Once more, with JSON: the document comes all the same.
    let second = try Running(["train", "--resume", "parts", "--json"], in: folder.url)
    usleep(isOptimized ? 200_000 : 1_000_000)
    second.send(SIGINT)
    let stopped = second.finish()
    // Where the machine is slow, the signal may come before training has begun, and end it.
    #expect([130, 0, -Int(SIGINT)].contains(stopped.status), "\(stopped)")
    if stopped.status == 130 {
      let report = try stopped.json()
      #expect(report["model"] as? String == "parts/model.safetensors")
      #expect(report["interrupted"] as? Bool == true)
    }

    if stopped.status != 0 { try succeed("train", "--resume", "parts", in: folder.url) }
    #expect(try isSame(folder, "whole", "parts"))
  }

  /// Whether two runs have the same model, byte for byte, and the same history but for the seconds.
  private func isSame(_ folder: TemporaryFolder, _ one: String, _ other: String) throws -> Bool {
    let histories = try [one, other].map { name in
      try history(in: folder, name).map { epoch in epoch.filter { $0.key != "seconds" } }
    }
    let models = try [one, other].map { try folder.bytes(of: $0 + "/model.safetensors") }
    return histories[0] == histories[1] && models[0] == models[1]
  }

  private func history(in folder: TemporaryFolder, _ run: String) throws -> [[String: Double]] {
    let value = try JSONSerialization.jsonObject(
      with: Data(folder.bytes(of: run + "/history.json")))
    return try #require(value as? [[String: Double]])
  }
}
