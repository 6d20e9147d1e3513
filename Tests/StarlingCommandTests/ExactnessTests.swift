import Foundation
import Starling
import Testing

@Suite("--exact, and what else a run's last digits depend on")
struct ExactnessTests {
  /// A model with a convolution whose algorithm `--exact` changes.
  private static func writeModel(to name: String, in folder: TemporaryFolder) throws -> String {
    var network = try Network(
      input: [1, 28, 28], seed: 1, recipes: Preset.convnet.recipes(classes: 2))
    network.classNames = ["0", "1"]
    network.preprocessing = .mnist
    try network.save(to: folder.path(name))
    return folder.path(name)
  }

  @Test("predict and evaluate compute other last digits with it")
  func reading() throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 2)
    let model = try Self.writeModel(to: "model.safetensors", in: folder)
    // Of several, since the scores of one may round to the same bits.
    let pictures = try (1...6).map { number in
      try folder.draw("\(number).png") { x, _ in abs(x - 100) < 8 * Double(number) }
    }

    func scores(_ flags: [String]) throws -> [Double] {
      let run = try Running(["predict", model, "--json"] + pictures + flags).finish()
      let answers = try run.json([[String: Any]].self)
      return try answers.flatMap { try #require($0["scores"] as? [Double]) }
    }
    func error(_ flags: [String]) throws -> Double {
      let run = try Running(["evaluate", model, "--data", data, "--json"] + flags).finish()
      return try #require(try run.json()["error"] as? Double)
    }
    let (quick, exact) = (try scores([]), try scores(["--exact"]))
    #expect(quick != exact)
    #expect(zip(quick, exact).allSatisfy { abs($0 - $1) < 1e-4 }, "\(quick), \(exact)")
    let (quickError, exactError) = (try error([]), try error(["--exact"]))
    #expect(quickError != exactError && abs(quickError - exactError) < 1e-4)
  }

  @Test("train learns other last digits with it")
  func training() throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 2)
    let numbers = try [[], ["--exact"]].map { flags in
      let run = try Running(
        ["train", "--preset", "convnet", "--classes", "0,1", "--data", data, "--epochs", "1"]
          + ["--quiet", "--out", "run\(flags.count)"] + flags, in: folder.url
      ).finish()
      #expect(run.status == 0 && run.errors == "", "\(run)")
      return try SafeTensors(contentsOf: folder.path("run\(flags.count)/model.safetensors")).entries
    }
    #expect(numbers[0] != numbers[1])
  }

  @Test("A run that goes on with another set, or without its --exact, is told so, and goes on")
  func resuming() throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 2)
    let current = InstructionSet.current.rawValue
    let begin = ["train", "--data", data, "--quiet", "--epochs"]
    func resume(_ epochs: Int, _ flags: String..., set: String) throws -> String {
      let run = try Running(
        ["train", "--resume", "run", "--quiet", "--epochs", "\(epochs)"] + flags, in: folder.url,
        environment: [InstructionSet.variable: set]
      ).finish()
      #expect(run.status == 0 && run.output == "", "\(run)")
      return run.errors
    }
    let begun = try Running(begin + ["1", "--out", "run", "--exact"], in: folder.url).finish()
    #expect(begun.status == 0, "\(begun)")
    #expect(try resume(2, "--exact", set: current) == "")
    #expect(
      try resume(3, set: current)
        == "run: so far computed by \(current) with --exact, from here on by \(current) without "
        + "--exact; the last digits will be others than those of a run that was never interrupted\n"
    )
    #expect(try resume(4, set: current) == "", "what a run does now is what it is held to next")
    if current != "baseline" {
      let told = try resume(5, set: "baseline")
      #expect(told.contains("computed by \(current) without --exact, from here on by baseline "))
      #expect(told.split(separator: "\n").count == 1)
    }
  }

  @Test("train --json: an interrupted run says so, and how to go on to the same bits")
  func interrupted() throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 2)
    // Where the machine is slow, a signal may come before training has begun, and end it.
    for (attempt, wait) in [300_000, 2_000_000, 10_000_000].enumerated() {
      let name = "run\(attempt)"
      let running = try Running(
        ["train", "--data", data, "--epochs", "1000000", "--out", name, "--json", "--exact"],
        in: folder.url)
      #expect(running.wait { FileManager.default.fileExists(atPath: folder.path(name)) })
      usleep(UInt32(wait))
      running.send(SIGINT)
      let stopped = running.finish()
      guard stopped.status != -Int(SIGINT) else { continue }
      #expect(stopped.status == 130 && stopped.errors == "", "\(stopped)")
      let report = try stopped.json()
      #expect(
        Set(report.keys) == [
          "preset", "data", "images", "seconds", "epochs", "model", "interrupted", "resume",
        ])
      #expect(report["interrupted"] as? Bool == true)
      #expect(report["resume"] as? String == "starling train --resume \(name) --exact")
      return
    }
    Issue.record("no run had begun training when the signal came")
  }
}
