import Foundation
import LineByLine
import Starling
import Testing

@Suite("starling train: what the deck's network learns")
struct AccuracyTests {
  @Test(
    "Neither MNIST nor a network: built-in digits, error below 0.02, accuracy 99 % or more",
    .enabled(if: isOptimized, needsSpeed))
  func builtInDigits() throws {
    let folder = try TemporaryFolder()
    try folder.write([], to: "file")
    // Where the cache cannot be made, nothing can be fetched, whatever network there is.
    let run = try succeed(
      "train", "--out", "run", in: folder.url,
      environment: ["HOME": folder.path("file"), "XDG_CACHE_HOME": folder.path("file")])
    #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    #expect(run.errors.contains("so the built-in digits are used"), "\(run.errors)")
    #expect(run.output.contains("the built-in digits: 200 images to learn from"))
    let history = try JSONSerialization.jsonObject(with: Data(folder.bytes(of: "run/history.json")))
    let last = try #require((history as? [[String: Double]])?.last)
    #expect(last["epoch"] == 20)
    #expect((last["error"] ?? 1) < 0.02 && (last["testAccuracy"] ?? 0) >= 0.99, "\(last)")
  }

  #if os(Linux)
    @Test(
      "A network that answers nothing: built-in digits, unless MNIST was asked for",
      .enabled(if: isOptimized, needsSpeed))
    func unreachable() throws {
      let folder = try TemporaryFolder()
      // Nobody listens there. Elsewhere than on Linux, Foundation does not look at this variable.
      let dead = ["https_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"]
      let run = try succeed(
        "train", "--limit", "2", "--epochs", "1", "--out", "run", in: folder.url, environment: dead)
      #expect(run.errors.contains("MNIST can be neither found nor fetched"), "\(run.errors)")
      #expect(run.errors.contains("so the built-in digits are used"), "\(run.errors)")
      #expect(run.errors.split(separator: "\n").count == 1)
      expectError(
        try starling(
          "train", "--data", "mnist", "--out", "none", in: folder.url, environment: dead),
        holding: [".gz could not be downloaded", "--data-dir or STARLING_DATA"])
      #expect(!folder.names(in: "").contains("none"))
      // Figures for other images than the user means would be wrong ones.
      expectError(
        try starling("evaluate", "run/model.safetensors", in: folder.url, environment: dead),
        holding: ["MNIST can be neither found nor fetched", "--data digits", "--data-dir"])
    }
  #endif

  @Test(
    "Trained on built-in digits alone, real MNIST zeros and ones are read: 99.5 % or more",
    .enabled(if: dataWithMNIST != nil, needsMNIST), .enabled(if: isOptimized, needsSpeed))
  func builtInDigitsAgainstMNIST() throws {
    let folder = try TemporaryFolder()
    try succeed("train", "--data", "digits", "--out", "run", "--quiet", in: folder.url)
    let report = try succeed(
      "evaluate", "run/model.safetensors", "--data", "mnist", "--json", in: folder.url,
      environment: mnist
    ).json()
    #expect(report["images"] as? Int == 2115)
    #expect(try #require(report["accuracy"] as? Double) >= 0.995, "\(report)")
  }

  @Test(
    "Trained on 100 images of MNIST a class: 99.5 % or more of all 2,115 test images",
    .enabled(if: dataWithMNIST != nil, needsMNIST), .enabled(if: isOptimized, needsSpeed),
    arguments: 1...3)
  func accuracy(seed: Int) throws {
    let folder = try TemporaryFolder()
    let report = try succeed(
      "train", "--seed", "\(seed)", "--out", "run", "--json", in: folder.url, environment: mnist
    ).json()
    #expect(report["data"] as? String == "mnist" && report["images"] as? Int == 200)
    let last = try #require((report["epochs"] as? [[String: Double]])?.last)
    #expect(last["epoch"] == 20)
    #expect((last["testAccuracy"] ?? 0) >= 0.995, "\(last)")
  }

  @Test(
    "The larger presets on all 60,000 images of MNIST: 98.5 % or more of all 10,000 test images",
    .enabled(if: dataWithMNIST != nil, needsMNIST), .enabled(if: isOptimized, needsSpeed),
    arguments: zip(["lenet5", "convnet"], [4, 3]))
  func tenDigits(preset: String, epochs: Int) throws {
    let folder = try TemporaryFolder()
    let report = try succeed(
      "train", "--preset", preset, "--epochs", "\(epochs)", "--out", "run", "--json",
      in: folder.url, environment: mnist
    ).json()
    #expect(report["images"] as? Int == 60_000)
    let last = try #require((report["epochs"] as? [[String: Double]])?.last)
    #expect(Int(last["epoch"] ?? 0) == epochs)
    #expect((last["testAccuracy"] ?? 0) >= 0.985, "\(last)")
  }

  @Test(
    "The same weights and order as SciPy, on MNIST: each epoch's error within 1 %",
    .enabled(if: dataWithMNIST != nil, needsMNIST), .enabled(if: isOptimized, needsSpeed))
  func sameAsSciPy() throws {
    struct Oracle: Decodable {
      let seed: UInt64
      let errors: [Double]
    }
    let oracles = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Oracles")
    let oracle = try JSONDecoder().decode(
      Oracle.self, from: Data(contentsOf: oracles.appendingPathComponent("deck_run.json")))

    let folder = try TemporaryFolder()
    // The weights are drawn as Tests/Oracles/deck_run.py draws them, in this order.
    var random = SplitMix64(seed: oracle.seed)
    var weights = SafeTensors()
    for (name, shape, products) in [
      ("0.weight", [5, 1, 3, 3], 9), ("0.bias", [5, 26, 26], 9),
      ("3.weight", [100, 3380], 3380), ("3.bias", [100], 3380),
      ("5.weight", [2, 100], 100), ("5.bias", [2], 100),
    ] as [(String, Shape, Int)] {
      let elements = random.weights(shape.count, summing: products).map { Float($0) }
      try weights.add(name, Tensor(shape, elements: elements))
    }
    try weights.write(to: folder.path("initial.safetensors"))

    let report = try succeed(
      "train", "--init", "initial.safetensors", "--keep-order", "--out", "run", "--json",
      in: folder.url, environment: mnist
    ).json()
    let epochs = try #require(report["epochs"] as? [[String: Double]])
    #expect(epochs.count == 20 && oracle.errors.count == 20)
    for (epoch, expected) in zip(epochs, oracle.errors) {
      let error = try #require(epoch["error"])
      #expect(abs(error - expected) <= 0.01 * expected, "\(epoch), SciPy \(expected)")
    }
  }

  private var mnist: [String: String] { ["STARLING_DATA": dataWithMNIST ?? ""] }
}
