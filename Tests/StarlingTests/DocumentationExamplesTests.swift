import Foundation
import Starling
import Testing

// The code of the articles in Starling.docc. The last test holds the two together: every line of
// Swift in an article is a line of this file, which is compiled and run.

func bars() throws -> Dataset {
  var pixels: [UInt8] = []
  var labels: [Int] = []
  for position in 0..<8 {
    for (label, isHorizontal) in [true, false].enumerated() {
      for row in 0..<8 {
        for column in 0..<8 {
          pixels.append((isHorizontal ? row : column) == position ? 255 : 0)
        }
      }
      labels.append(label)
    }
  }
  return try Dataset(
    imageShape: [1, 8, 8], pixels: pixels, labels: labels,
    classNames: ["horizontal", "vertical"])
}

/// softplus(x) = log(1 + e^x), whose slope is 1 − e^−y where its value is y.
struct Softplus: ElementwiseFunction {
  func value(_ x: Float) -> Float { max(x, 0) + log1p(exp(-abs(x))) }
  func slope(atValue y: Float) -> Float { -expm1(-y) }
}

/// Multiplies each channel by a factor that is learned: Y_c = a_c·X_c.
struct ChannelScale: Recipe {
  func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    guard input.rank == 3 else {
      throw ShapeError(
        place: name, axis: "input", expected: "depth×height×width", found: "\(input)",
        remedy: "put it before Flatten()")
    }
    return input
  }

  func parameterSpecifications(for input: Shape) -> [ParameterSpecification] {
    [ParameterSpecification("weight", [input[0]], standardDeviation: 1)]
  }

  func layer(for input: Shape, parameters: Parameters) -> any Layer {
    ChannelScaleLayer(recipe: self, shape: input, parameters: parameters)
  }
}

struct ChannelScaleLayer: Layer {
  let recipe: any Recipe
  let shape: Shape
  var parameters: Parameters

  var inputShape: Shape { shape }
  var outputShape: Shape { shape }

  /// Y_c = a_c·X_c.
  func forward(_ x: Tensor, _ pass: Pass) -> (y: Tensor, cache: Tensor) {
    (scaled(x), x)
  }

  /// dE/da_c = Σ X_c ⊙ dE/dY_c over the batch and all positions, and dE/dX_c = a_c·dE/dY_c.
  func backward(
    _ dY: Tensor, _ x: Tensor, accumulatingInto gradient: inout Parameters, _ pass: Pass
  ) -> Tensor {
    for sample in 0..<x.shape[0] {
      for c in 0..<shape[0] {
        for row in 0..<shape[1] {
          for column in 0..<shape[2] {
            gradient["weight"][c] += x[sample, c, row, column] * dY[sample, c, row, column]
          }
        }
      }
    }
    return scaled(dY)
  }

  private func scaled(_ x: Tensor) -> Tensor {
    let a = parameters["weight"]
    var y = x
    for sample in 0..<x.shape[0] {
      for c in 0..<shape[0] {
        for row in 0..<shape[1] {
          for column in 0..<shape[2] {
            y[sample, c, row, column] *= a[c]
          }
        }
      }
    }
    return y
  }
}

/// ``ChannelScale`` with a mistake in it: the gradient of the factors is taken from one image only.
struct CarelessScale: Recipe {
  func outputShape(for input: Shape) throws(ShapeError) -> Shape { input }
  func parameterSpecifications(for input: Shape) -> [ParameterSpecification] {
    ChannelScale().parameterSpecifications(for: input)
  }
  func layer(for input: Shape, parameters: Parameters) -> any Layer {
    CarelessLayer(
      right: ChannelScaleLayer(recipe: self, shape: input, parameters: parameters))
  }
}

struct CarelessLayer: Layer {
  var right: ChannelScaleLayer
  var recipe: any Recipe { right.recipe }
  var inputShape: Shape { right.inputShape }
  var outputShape: Shape { right.outputShape }
  var parameters: Parameters {
    get { right.parameters }
    set { right.parameters = newValue }
  }

  func forward(_ x: Tensor, _ pass: Pass) -> (y: Tensor, cache: Tensor) { right.forward(x, pass) }

  func backward(
    _ dY: Tensor, _ x: Tensor, accumulatingInto gradient: inout Parameters, _ pass: Pass
  ) -> Tensor {
    var first = x
    for sample in 1..<x.shape[0] {
      for position in 0..<shape.count {
        first[
          sample, position / (shape[1] * shape[2]), position / shape[2] % shape[1],
          position % shape[2]] = 0
      }
    }
    return right.backward(dY, first, accumulatingInto: &gradient, pass)
  }

  private var shape: Shape { right.shape }
}

@Suite("The code of the articles")
struct DocumentationExamplesTests {
  @Test("Getting started: a network learns, answers, is saved and comes back the same")
  func gettingStarted() throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("bars-\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }

    let data = try bars()

    var network = try Network(input: [1, 8, 8], seed: 1) {
      Convolution(depth: 4, kernelSize: 3)
      ReLU()
      Flatten()
      Dense(2)
      Softmax()
    }

    var trainer = Trainer(
      loss: CategoricalCrossEntropy(), optimizer: SGD(learningRate: 0.1), batchSize: 4)
    for _ in 1...60 {
      let report = try trainer.epoch(&network, on: data)
      if report.epoch % 20 == 0 {
        print("epoch \(report.epoch)/60    error=\(report.error)")
      }
    }

    let evaluation = try network.evaluate(on: data, loss: trainer.loss)
    print(evaluation.accuracy, evaluation.confusion)

    let answer = try network.predict(data[0].image)
    print(answer.label, answer.confidence)

    try network.save(to: path)
    let restored = try Network(contentsOf: path)

    #expect(restored == network)
    #expect(evaluation.accuracy == 1)
    #expect(evaluation.error < 0.1)
    #expect(evaluation.confusion == [[8, 0], [0, 8]])
    #expect(answer.label == "horizontal")
    #expect(answer.confidence > 0.9)
  }

  @Test("Getting started: the shape error that the article shows")
  func shapeError() {
    let error = #expect(throws: ShapeError.self) {
      try Network(input: [1, 8, 8], seed: 1) {
        Convolution(depth: 4, kernelSize: 3)
        ReLU()
        Dense(2)
      }
    }
    #expect(
      error?.description
        == "layer 2 (Dense), input: expected one axis, got 4×6×6; put Flatten() before it")
  }

  @Test("A layer of one's own: gradients hold, the file needs its type, a mistake shows")
  func ownLayer() throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("own-\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let data = try bars()

    let network = try Network(input: [1, 8, 8], seed: 1) {
      Convolution(depth: 4, kernelSize: 3)
      ChannelScale()
      Softplus()
      Flatten()
      Dense(2)
      Softmax()
    }
    let checks = try network.checkGradients(
      loss: CategoricalCrossEntropy(), images: data.images(0..<2), targets: data.targets(0..<2))
    for check in checks {
      print(check.layer, check.parameter, check.maxRelativeError, check.passed)
    }

    try network.save(to: path)
    let restored = try ModelFile(
      contentsOf: path, recipes: [ChannelScale.self, Softplus.self]
    ).network

    #expect(checks.count == 6)
    #expect(checks.filter { !$0.passed } == [])
    #expect(restored == network)
    let error = #expect(throws: FileError.self) { try Network(contentsOf: path) }
    #expect(
      error?.description
        == "\(path): there is no layer type \"ChannelScale\"; if it is your own, pass it: "
        + "ModelFile(contentsOf:recipes:)")

    let careless = try Network(input: [1, 8, 8], seed: 1) {
      Convolution(depth: 4, kernelSize: 3)
      CarelessScale()
      Flatten()
      Dense(2)
      Softmax()
    }
    let failed = try careless.checkGradients(
      loss: CategoricalCrossEntropy(), images: data.images(0..<2), targets: data.targets(0..<2)
    ).filter { !$0.passed }
    #expect(failed.map(\.layer) == ["layer 1 (CarelessScale)"])
  }

  @Test("Numbers: training that goes on from copies goes on as if it had never stopped")
  func resuming() throws {
    let data = try bars()
    var network = try Network(input: [1, 8, 8], seed: 1) {
      Flatten()
      Dense(2)
      Sigmoid()
    }
    var trainer = Trainer(loss: BinaryCrossEntropy(), optimizer: SGD(learningRate: 0.1))
    _ = try trainer.epoch(&network, on: data)

    var later = network
    var resumed = Trainer(loss: BinaryCrossEntropy(), optimizer: trainer.optimizer)
    resumed.progress = trainer.progress
    _ = try resumed.epoch(&later, on: data)

    _ = try trainer.epoch(&network, on: data)
    #expect(later == network)
    #expect(resumed.progress == trainer.progress)
  }

  @Test("Plans: the summary has the layers' work, and exactness changes the algorithm")
  func plans() throws {
    var network = try Network(input: [16, 8, 8], seed: 1) {
      Convolution(depth: 32, kernelSize: 3, padding: 1)
      ReLU()
    }
    if let plan = try network.planSummary(batchSize: 64) {
      for step in plan.steps { print(step.layers, step.task, step.algorithm) }
    }
    let usual = try #require(try network.planSummary(batchSize: 64))
    #expect(usual.steps.contains { $0.algorithm == "Winograd F(4×4)" && $0.multiplyAdds > 0 })
    network.isExact = true
    let exact = try #require(try network.planSummary(batchSize: 64))
    #expect(exact.steps.contains { $0.algorithm == "Winograd F(2×2)" && $0.multiplyAdds > 0 })
  }

  @Test(
    "Every line of Swift in an article stands in this file",
    arguments: ["GettingStarted", "OwnLayer", "Numbers", "ModelFiles", "Plans"])
  func articlesAreCompiled(article: String) throws {
    let here = URL(fileURLWithPath: #filePath)
    let root = here.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let catalog = root.appendingPathComponent("Sources/Starling/Starling.docc")
    let text = try String(
      contentsOf: catalog.appendingPathComponent("\(article).md"), encoding: .utf8)
    let compiled = Self.lines(of: try String(contentsOf: here, encoding: .utf8))

    // Text between fences is every second part; that which begins with the word is Swift.
    let fenced = text.components(separatedBy: "```")
    #expect(fenced.count % 2 == 1)
    for part in stride(from: 1, to: fenced.count, by: 2) where fenced[part].hasPrefix("swift\n") {
      let excerpt = Self.lines(of: String(fenced[part].dropFirst("swift\n".count)))
      let isThere = compiled.indices.contains { compiled[$0...].starts(with: excerpt) }
      #expect(isThere, "\(article).md shows code that is not compiled:\(fenced[part])")
    }
  }

  /// A text's lines without indentation, and none that are empty.
  private static func lines(of text: String) -> [String] {
    text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
  }
}
