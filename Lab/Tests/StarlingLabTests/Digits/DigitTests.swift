import Foundation
import HTTPTypes
import Starling
import StarlingData
import StarlingLab
import Testing

extension EngineTests {
  /// Digits, the deck's network, and what each layer makes of a digit.
  @Suite struct DigitTests {
    private struct Digit: Decodable {
      let set, part: String
      let `class`, index, count: Int
      let pixels: [[Float]]
    }

    @Test func aBuiltInDigitIsTheLibrarys() async throws {
      let digits = try BuiltInDigits.load(classes: [7], trainPerClass: 8, testPerClass: 8)
      try await EngineClient.withLab { lab in
        for (part, half) in [("train", digits.train), ("test", digits.test)] {
          let digit = try await lab.get("digits?set=digits&part=\(part)&class=7&index=5")
            .decoded(Digit.self)
          #expect(digit.set == "digits" && digit.part == part)
          #expect(digit.class == 7 && digit.index == 5 && digit.count == 200)
          #expect(digit.pixels.count == 28)
          #expect(Array(digit.pixels.joined()) == half[5].image.elements)
        }
      }
    }

    @Test(
      arguments: [
        ("set=digits&part=train&class=10&index=0", "class"),
        ("set=digits&part=train&class=-1&index=0", "class"),
        ("set=digits&part=train&class=0&index=200", "index"),
        ("set=digits&part=train&class=0&index=x", "index"),
        ("set=digits&part=train&class=0", "index"), ("set=digits&part=all&class=0&index=0", "part"),
        ("set=cifar&part=train&class=0&index=0", "set"),
        ("set=mnist&part=test&class=0&index=0", "set"),
        ("set=digits&part=train&class=0&index=0&size=3", "size"),
      ])
    func whatIsNotThereIsNamed(query: String, field: String) async throws {
      try await EngineClient.withLab(dataFolder: "/nowhere") { lab in
        let answer = try await lab.get("digits?\(query)")
        #expect(answer.status == .badRequest)
        #expect(try answer.problem.field == field)
      }
    }

    @Test func missingMNISTIsSaid() async throws {
      struct Sets: Decodable {
        struct Availability: Decodable {
          let isAvailable: Bool
          let message: String
        }
        let mnist, digits: Availability
      }
      try await EngineClient.withLab(dataFolder: "/nowhere") { lab in
        let sets = try await lab.get("data").decoded(Sets.self)
        #expect(!sets.mnist.isAvailable && sets.mnist.message.contains("/nowhere/mnist"))
        #expect(sets.digits.isAvailable)
      }
    }

    @Test func theNetworkIsTheDecks() async throws {
      struct NetworkAnswer: Decodable {
        struct Layer: Decodable {
          let position, parameters: Int
          let name, recipe: String
          let input, output: [Int]
        }
        let layers: [Layer]
        let total: Int
      }
      try await EngineClient.withLab { lab in
        let network = try await lab.get("network").decoded(NetworkAnswer.self)
        #expect(network.total == 341_727)
        #expect(network.layers.map(\.parameters) == [3425, 0, 0, 338_100, 0, 202, 0])
        #expect(network.layers.map(\.position) == Array(0...6))
        #expect(network.layers.map(\.output).prefix(3) == [[5, 26, 26], [5, 26, 26], [3380]])
        #expect(
          network.layers.map(\.recipe) == [
            "Convolution(depth: 5, kernelSize: 3, bias: .perPosition)", "Sigmoid()",
            "Reshape([3380])", "Dense(100)", "Sigmoid()", "Dense(2)", "Sigmoid()",
          ])
      }
    }

    @Test func activationsAreTheEngines() async throws {
      let digits = try BuiltInDigits.load(classes: [0], trainPerClass: 1, testPerClass: 1)
      let network = try Network(
        input: [1, 28, 28], seed: 1, recipes: Preset.zeroOne.recipes(classes: 2))
      let expected = try network.activations(digits.test.images([0]))
      try await EngineClient.withLab(dataFolder: "/nowhere") { lab in
        let answer = try await lab.post(
          "activations", Self.body(run: "untrained", digit: 0)
        ).decoded(Activations.self)
        #expect(answer.layers.map(\.values) == expected.map(\.elements))
        #expect(answer.layers.map { [1] + $0.shape } == expected.map(\.shape.dimensions))
        #expect(answer.scores == expected[6].elements)
      }
    }

    @Test(arguments: [(0, 0, 0), (2, 4, 14), (4, 25, 25)])
    func aNumberOfTheConvolutionIsTheSumOfItsWindow(map: Int, row: Int, column: Int) async throws {
      try await EngineClient.withLab { lab in
        let run = try await lab.run(#"{"data": "digits", "images": 20, "epochs": 2}"#)
        let whole = try await lab.post("activations", Self.body(run: run.id, digit: 0))
          .decoded(Activations.self)
        let body = Self.body(run: run.id, digit: 0)
        let place = #"{"map": \#(map), "row": \#(row), "column": \#(column), "#
        let answer = try await lab.post("window", place + body.dropFirst()).decoded(Window.self)
        #expect(answer.x == whole.pixels[row..<row + 3].map { Array($0[column..<column + 3]) })
        #expect(answer.k == run.history[1].kernels[map][0])
        #expect(answer.steps.map(\.left.value) == answer.x.joined().map(Double.init))
        #expect(answer.steps.map(\.right.value) == answer.k.joined().map(Double.init))
        var sum = Double(answer.b)
        for step in answer.steps {
          sum += step.product
          #expect(step.product == step.left.value * step.right.value && step.sum == sum)
        }
        #expect(answer.y == sum)
        let engine = Double(whole.layers[0].values[(map * 26 + row) * 26 + column])
        #expect(abs(answer.y - engine) < 1e-6)
      }
    }

    @Test func aNumberOutsideOfTheConvolutionIsRefused() async throws {
      try await EngineClient.withLab { lab in
        for (name, place) in [
          ("map", #""map": 5, "row": 0, "column": 0"#),
          ("row", #""map": 0, "row": 26, "column": 0"#),
          ("column", #""map": 0, "row": 0, "column": 26"#),
        ] {
          let body = Self.body(run: "untrained", digit: 0).dropFirst()
          let answer = try await lab.post("window", "{\(place), " + body)
          #expect(answer.status == .badRequest)
          #expect(try answer.problem.field == name)
        }
      }
    }

    @Test func theTrainedNetworkTellsZeroFromOne() async throws {
      try await EngineClient.withLab(dataFolder: "/nowhere") { lab in
        for digit in [0, 1] {
          let answer = try await lab.post("activations", Self.body(run: "trained", digit: digit))
            .decoded(Activations.self)
          #expect(answer.label == "\(digit)")
          #expect(answer.scores[digit] > 0.9)
        }
        // A digit that it has never seen is taken for one of the two.
        let seven = try await lab.post("activations", Self.body(run: "trained", digit: 7))
          .decoded(Activations.self)
        #expect(["0", "1"].contains(seven.label))
      }
    }

    @Test func aRunCanBeLookedInto() async throws {
      try await EngineClient.withLab { lab in
        let run = try await lab.run(#"{"data": "digits", "mistake": "reversedKernelGradient"}"#)
        let answer = try await lab.post("activations", Self.body(run: run.id, digit: 1))
          .decoded(Activations.self)
        #expect(answer.label == "1")
        let unknown = try await lab.post("activations", Self.body(run: "nobody", digit: 1))
        #expect(unknown.status == .notFound)
        #expect(try unknown.problem.field == "run")
      }
    }

    @Test func theSurestMistakesComeFirst() async throws {
      struct Mistakes: Decodable {
        struct Mistake: Decodable {
          let index: Int
          let label, answer: String
          let scores: [Float]
          let pixels: [[Float]]
        }
        let count, total: Int
        let mistakes: [Mistake]
      }
      try await EngineClient.withLab { lab in
        let run = try await lab.run(#"{"data": "digits", "images": 2, "epochs": 1}"#)
        let all = try await lab.get("runs/\(run.id)/mistakes?limit=100").decoded(Mistakes.self)
        #expect(all.total == 2000)
        #expect(all.mistakes.count == min(100, all.count))
        let accuracy = Double(all.total - all.count) / Double(all.total)
        #expect(abs(accuracy - run.history[0].testAccuracy) < 1e-12)
        let sureness = all.mistakes.map { $0.scores.max() ?? 0 }
        #expect(sureness == sureness.sorted(by: >))
        #expect(all.mistakes.allSatisfy { $0.label != $0.answer && $0.pixels.count == 28 })
        let some = try await lab.get("runs/\(run.id)/mistakes?limit=3").decoded(Mistakes.self)
        #expect(some.mistakes.map(\.index) == Array(all.mistakes.map(\.index).prefix(3)))
        #expect(try await lab.get("runs/\(run.id)/mistakes?limit=101").status == .badRequest)
        #expect(try await lab.get("runs/untrained/mistakes").status == .ok)
      }
    }

    private struct Activations: Decodable {
      struct Layer: Decodable {
        let position: Int
        let name: String
        let shape: [Int]
        let values: [Float]
      }
      let pixels: [[Float]]
      let layers: [Layer]
      let label: String
      let scores: [Float]
    }

    private struct Window: Decodable {
      struct Step: Decodable {
        let left, right: Factor
        let product, sum: Double
      }
      struct Factor: Decodable {
        let value: Double
      }
      let x, k: [[Float]]
      let b: Float
      let y: Double
      let steps: [Step]
    }

    private static func body(run: String, digit: Int) -> String {
      let choice = #"{"set": "digits", "part": "test", "class": \#(digit), "index": 0}"#
      return #"{"run": "\#(run)", "digit": \#(choice)}"#
    }
  }
}
