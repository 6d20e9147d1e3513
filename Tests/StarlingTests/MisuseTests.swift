import Foundation
import Starling
import Testing

/// Mistakes in a program, not in its input: they end it with a message, and never read foreign memory.
@Suite("A programmer's misuse stops the program")
struct MisuseTests {
  @Test("A layer of one's own that gives another shape than it said")
  func wrongOutput() async {
    await #expect(processExitsWith: .failure) {
      let network = try Network(input: [1, 40, 10], seed: 1) {
        Shrinking()
        Flatten()
        Dense(2)
      }
      _ = try network(Tensor(zeros: [3, 1, 40, 10]))
    }
  }

  @Test("A gradient of more or fewer samples than went forward")
  func otherBatch() async {
    await #expect(processExitsWith: .failure) {
      var random = SeededGenerator(seed: 1)
      passBack(through: try Dense(2).build(for: [4], using: &random))
    }
  }

  @Test("An image that a data set does not have")
  func noSuchImage() async {
    await #expect(processExitsWith: .failure) {
      let data = try Dataset(
        imageShape: [1, 2, 2], pixels: [1, 2, 3, 4], labels: [0], classNames: ["a"])
      _ = data.images([5])
    }
  }

  @Test("A plan for a batch of no image, or fewer")
  func planForNothing() async {
    await #expect(processExitsWith: .failure) {
      _ = try Network(input: [3], seed: 1) { Dense(2) }.planSummary(batchSize: 0)
    }
    await #expect(processExitsWith: .failure) {
      _ = try Network(input: [3], seed: 1) { Dense(2) }.planSummary(batchSize: -1)
    }
  }

  @Test("A gradient check along no direction would pass without looking")
  func noDirection() throws {
    let network = try Network(input: [3], seed: 1) { Dense(2) }
    #expect(throws: TrainingError.self) {
      try network.checkGradients(
        loss: MeanSquaredError(), images: Tensor(zeros: [1, 3]), targets: Tensor(zeros: [1, 2]),
        directions: 0)
    }
  }

  @Test("A layer of one's own under the name of one of Starling's is not written")
  func namesake() throws {
    struct Sigmoid: ElementwiseFunction {
      func value(_ x: Float) -> Float { x }
      func slope(atValue y: Float) -> Float { 1 }
    }
    let network = try Network(input: [3], seed: 1) { Sigmoid() }
    let path = NSTemporaryDirectory() + "/namesake-\(UUID().uuidString).safetensors"
    let error = #expect(throws: FileError.self) { try network.save(to: path) }
    #expect(error?.description.contains("Sigmoid is one of Starling's own layers") == true)
    #expect(!FileManager.default.fileExists(atPath: path))
  }
}

/// Nine samples forward, the gradient of one back.
private func passBack(through layer: some Layer) {
  let (_, cache) = layer.forward(Tensor(zeros: [9, 4]), Pass(.inference))
  var gradient = layer.parameters
  _ = layer.backward(Tensor(zeros: [1, 2]), cache, accumulatingInto: &gradient, Pass(.inference))
}

/// Says that it keeps the shape, and gives one number a sample.
private struct Shrinking: Recipe {
  func outputShape(for input: Shape) throws(ShapeError) -> Shape { input }

  func layer(for input: Shape, parameters: Parameters) -> any Layer {
    ShrinkingLayer(recipe: self, inputShape: input)
  }
}

private struct ShrinkingLayer: Layer {
  let recipe: any Recipe
  let inputShape: Shape
  var outputShape: Shape { inputShape }

  func forward(_ x: Tensor, _ pass: Pass) -> (y: Tensor, cache: Int) {
    (Tensor(zeros: [x.shape[0], 1]), 0)
  }

  func backward(
    _ dY: Tensor, _ cache: Int, accumulatingInto gradient: inout Parameters, _ pass: Pass
  ) -> Tensor { dY }
}
