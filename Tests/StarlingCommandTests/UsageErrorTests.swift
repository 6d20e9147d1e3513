import Foundation
import Starling
import Testing

@Suite("Wrong usage: a line that names the flag and the remedy, and exit code 64")
struct UsageErrorTests {
  @Test(
    "Flags that do not do",
    arguments: [
      (["train", "--epochs", "0"], ["--epochs", "expected 1 or more, got 0", "20"]),
      (["train", "--epochs", "-1"], ["--epochs", "expected 1 or more, got -1"]),
      (["train", "--epochs", "9223372036854775807"], ["--epochs", "at most 1,000,000"]),
      (["train", "--epochs", "50000000000000000"], ["--epochs", "at most 1,000,000"]),
      (["train", "--resume", "run", "--epochs", "1000001"], ["--epochs", "at most 1,000,000"]),
      (["train", "--epochs", "two"], ["--epochs", "two"]),
      (["train", "--batch-size", "0"], ["--batch-size", "expected 1 or more, got 0"]),
      (["train", "--batch-size", "9000000000000000000"], ["--batch-size", "at most 65,536"]),
      (["train", "--learning-rate", "-0.1"], ["--learning-rate", "positive number, got -0.1"]),
      (["train", "--learning-rate", "0"], ["--learning-rate", "positive number, got 0.0"]),
      (["train", "--learning-rate", "nan"], ["--learning-rate", "positive number, got nan"]),
      (["train", "--learning-rate", "inf"], ["--learning-rate", "positive number, got inf"]),
      (["train", "--threads", "0"], ["--threads", "expected 1 or more, got 0"]),
      (["train", "--threads", "-2"], ["--threads", "expected 1 or more, got -2"]),
      (["train", "--threads", "257"], ["--threads", "expected at most 256, got 257"]),
      (["bench", "--threads", "\(Int.max)"], ["--threads", "at most 256, got \(Int.max)"]),
      (["train", "--seed", "-1"], ["--seed", "-1"]),
      (["train", "--limit", "0"], ["--limit", "expected a whole number from 1, or all"]),
      (["train", "--limit", "-3"], ["--limit", "expected a whole number from 1, or all"]),
      (["train", "--limit", "some"], ["--limit", "some"]),
      (["train", "--classes", "1,1"], ["--classes", "name each class once"]),
      (["train", "--classes", "0,"], ["--classes", "name each class once"]),
      (
        ["train", "--preset", "resnet"], ["--preset", "expected one of zero-one, lenet5, convnet"]
      ),
      (
        ["train", "--preset", "vgg"],
        [
          "--preset", "'vgg': its images are 3×32×32", "zero-one, lenet5, convnet",
          "bench and summary",
        ]
      ),
      (["train", "--optimizer", "magic"], ["--optimizer", "sgd"]),
      (["train", "--out", ""], ["--out", "expected a folder"]),
      (["train", "--resume", ""], ["--resume", "expected a folder"]),
      (["train", "--sed", "1"], ["Unknown option '--sed'", "--seed"]),
      (["train", "extra"], ["extra"]),
      (["train", "--resume", "run", "--seed", "3"], ["--seed", "leave the flag out"]),
      (["train", "--resume", "run", "--out", "other"], ["--out", "leave the flag out"]),
      (["evaluate"], ["<model>"]),
      (["evaluate", "m", "--threads", "0"], ["--threads", "expected 1 or more, got 0"]),
      (["predict"], ["<model>"]),
      (["predict", "model.safetensors"], ["<images>"]),
      (["bench", "--batch-size", "0"], ["--batch-size", "expected 1 or more, got 0"]),
      (["bench", "--batch-size", "9000000000000000000"], ["--batch-size", "at most 65,536"]),
      (["bench", "--batch-size", "100000000000"], ["--batch-size", "at most 65,536"]),
      (["bench", "--batch-size", "65537"], ["--batch-size", "at most 65,536, got 65537"]),
      (["bench", "--mode", "fly"], ["--mode", "train", "infer"]),
      (["check-gradients", "m", "--preset", "zero-one"], ["model's file or --preset, not both"]),
      (["check-gradients", "--preset", "lenet5", "--prset", "m"], ["Unknown option '--prset'"]),
      (["summary", "m", "--preset", "zero-one"], ["model's file or --preset, not both"]),
      (["summary", "--preset", "lenet5", "--batch", "128"], ["Unknown option '--batch'"]),
      (["summary", "--measure"], ["--measure is about a plan; give --plan, too"]),
      (["summary", "--mode", "infer"], ["--mode is about a plan"]),
      (["summary", "--batch-size", "4"], ["--batch-size is about a plan"]),
      (["summary", "--threads", "2"], ["--threads is about a plan"]),
      (["summary", "--exact"], ["--exact is about a plan"]),
      (
        ["summary", "--plan", "--mode", "infer", "--batch-size", "129"],
        ["--batch-size: expected at most 128, got 129"]
      ),
      (["summary", "--measure", "--pln"], ["Unknown option '--pln'"]),
      (["data"], ["mnist|digits|DIR"]),
      (["fly"], ["fly"]),
    ] as [([String], [String])])
  func usage(arguments: [String], parts: [String]) throws {
    let folder = try TemporaryFolder()
    expectError(
      try Running(arguments, in: folder.url).finish(), status: 64, holding: parts)
    #expect(folder.names(in: "") == [])
  }

  @Test("What a command itself refuses is followed by its own usage")
  func usageFollows() throws {
    let run = try starling("summary", "m", "--preset", "zero-one")
    #expect(run.errors.split(separator: "\n").count == 2)
    #expect(run.errors.contains("\nUsage: starling summary [<model>] [--preset "))
  }

  @Test("An instruction set that is none, or that the machine lacks, is refused by name")
  func instructions() throws {
    for name in ["avx1024", "AVX2", "neon"] {
      expectError(
        try starling("explain", environment: ["STARLING_INSTRUCTIONS": name]),
        holding: ["STARLING_INSTRUCTIONS", "baseline", "found", name, "there is no such set"])
    }
    for set in InstructionSet.allCases {
      let run = try starling("explain", environment: ["STARLING_INSTRUCTIONS": set.rawValue])
      if set.isSupported {
        #expect(run.status == 0, "\(run)")
      } else {
        expectError(run, holding: [set.rawValue, "this processor lacks it"])
      }
    }
  }

  @Test("Help is given under an instruction set that is none, too")
  func helpWithoutInstructions() throws {
    for arguments in [["--help"], [], ["help"], ["help", "bench"], ["train", "--help"]] {
      let help = try Running(arguments, environment: ["STARLING_INSTRUCTIONS": "none"]).finish()
      #expect(help.status == 0 && help.errors == "", "\(help)")
      #expect(help.output.contains("USAGE: starling"))
    }
  }

  @Test("explain's numbers are told of as errors, too")
  func explain() throws {
    expectError(try starling("explain", "--x", "1 2; 3"), holding: ["--x, row 2"])
    let fixture = try succeed("explain")
    #expect(fixture.output.contains("\n  Y  8  7\n     4  5\n") && fixture.errors == "")
  }
}
