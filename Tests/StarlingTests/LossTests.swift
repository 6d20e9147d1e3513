import Foundation
import Starling
import Testing

@Suite("Losses")
struct LossTests {
  @Test("The deck's example: the true gradient, and the one as printed")
  func deckExample() throws {
    let prediction = try Tensor([1, 2], elements: [0.8, 0.3])
    let target = try Tensor([1, 2], elements: [1, 0])
    let loss = BinaryCrossEntropy()
    // −(log 0.8 + log 0.7) / 2
    expect(try loss.error(of: prediction, for: target), 0.2899092476)
    let gradient = try loss.gradient(of: prediction, for: target)
    expect(gradient, [-0.625, 0.7142857])
    // The deck prints −(y/ŷ − (1 − y)/(1 − ŷ)), without the 1/m of its error: m times too much.
    let asPrinted = zip(prediction.elements, target.elements).map {
      -($1 / $0 - (1 - $1) / (1 - $0))
    }
    expect(try Tensor([1, 2], elements: asPrinted), [-1.25, 1.428571])
    let m: Float = 2
    expect(gradient.map { $0 * m }, asPrinted)
  }

  @Test("Means are over outputs and batch, the categorical one over the batch alone")
  func means() throws {
    let prediction = try Tensor([2, 2], elements: [0.75, 0.25, 0.5, 0.5])
    let target = try Tensor([2, 2], elements: [1, 0, 0, 1])
    let (log34, log2) = (log(0.75), log(0.5))
    expect(
      try BinaryCrossEntropy().error(of: prediction, for: target), -(2 * log34 + 2 * log2) / 4)
    expect(
      try BinaryCrossEntropy().gradient(of: prediction, for: target), [-1 / 3, 1 / 3, 0.5, -0.5])
    expect(try CategoricalCrossEntropy().error(of: prediction, for: target), -(log34 + log2) / 2)
    expect(
      try CategoricalCrossEntropy().gradient(of: prediction, for: target), [-2 / 3, 0, 0, -1])
    expect(try MeanSquaredError().error(of: prediction, for: target), 0.625 / 4)
    expect(
      try MeanSquaredError().gradient(of: prediction, for: target), [-0.125, 0.125, 0.25, -0.25])
  }

  @Test("Predictions of exactly 0 and 1 have a finite error and gradient")
  func ends() throws {
    let prediction = try Tensor([1, 2], elements: [0, 1])
    let right = prediction
    let wrong = try Tensor([1, 2], elements: [1, 0])
    let binary = BinaryCrossEntropy()
    expect(try binary.error(of: prediction, for: right), 0)
    expect(try binary.error(of: prediction, for: wrong), 100)
    expect(try binary.gradient(of: prediction, for: right), [0, 0])
    expect(try binary.gradient(of: prediction, for: wrong), [-5e11, 5e11])
    let categorical = CategoricalCrossEntropy()
    expect(try categorical.error(of: prediction, for: right), 0)
    expect(try categorical.error(of: prediction, for: wrong), 100)
    expect(try categorical.gradient(of: prediction, for: right), [0, -1])
    expect(try categorical.gradient(of: prediction, for: wrong), [-1e12, 0])
  }

  @Test("Logits of ±1000 have the exact error and gradient")
  func largeLogits() throws {
    let logits = try Tensor([1, 2], elements: [1000, -1000])
    let right = try Tensor([1, 2], elements: [1, 0])
    let wrong = try Tensor([1, 2], elements: [0, 1])
    let binary = BinaryCrossEntropyWithLogits()
    expect(try binary.error(of: logits, for: right), 0)
    expect(try binary.error(of: logits, for: wrong), 1000)
    expect(try binary.gradient(of: logits, for: right), [0, 0])
    expect(try binary.gradient(of: logits, for: wrong), [0.5, -0.5])
    let categorical = CategoricalCrossEntropyWithLogits()
    expect(try categorical.error(of: logits, for: right), 0)
    expect(try categorical.error(of: logits, for: wrong), 2000)
    expect(try categorical.gradient(of: logits, for: right), [0, 0])
    expect(try categorical.gradient(of: logits, for: wrong), [1, -1])
  }

  @Test("A prediction that is nearly right has a small error, not none")
  func smallErrors() throws {
    // log(1 + e^−20)
    let exact = 2.0611536e-9
    let logits = try Tensor([1, 2], elements: [20, 0])
    let right = try Tensor([1, 2], elements: [1, 0])
    let categorical = try CategoricalCrossEntropyWithLogits().error(of: logits, for: right)
    #expect(abs(categorical - exact) <= 1e-6 * exact)
    let binary = try BinaryCrossEntropyWithLogits().error(
      of: Tensor([1, 1], elements: [20]), for: Tensor([1, 1], elements: [1]))
    #expect(abs(binary - exact) <= 1e-6 * exact)
  }

  @Test("A NaN is not hidden, neither in the error nor in the gradient")
  func notANumber() throws {
    let target = try Tensor([1, 2], elements: [1, 0])
    for loss in LossTests.all {
      for elements in [[Float.nan, 0.5], [0.5, .nan]] {
        let prediction = try Tensor([1, 2], elements: elements)
        #expect(try loss.error(of: prediction, for: target).isNaN, "\(loss.name)")
        #expect(try !loss.gradient(of: prediction, for: target).isFinite, "\(loss.name)")
      }
    }
  }

  @Test("Fused with the activation before it, a loss is the same")
  func fused() throws {
    let z = Tensor.random([5, 4], seed: 1, scale: 2)
    let target = Tensor.oneHot(5, 4, seed: 2)
    for (activation, loss) in [
      (Sigmoid(), BinaryCrossEntropy()), (Softmax(), CategoricalCrossEntropy()),
    ] as [(any Recipe, any Loss)] {
      let fused = try #require(loss.fused(with: activation))
      #expect(fused.name == loss.name + "WithLogits")
      let y = try LayerRun(activation, x: z, dY: z).y
      let dY = try loss.gradient(of: y, for: target)
      let unfused = try LayerRun(activation, x: z, dY: dY).dX
      let error = try loss.error(of: y, for: target)
      #expect(abs(try fused.error(of: z, for: target) - error) <= 1e-6 * error)
      expect(try fused.gradient(of: z, for: target), unfused.elements, within: 1e-6)
    }
  }

  @Test("A loss is fused only with the activation that it has an exact form with")
  func fusedOnlyWithItsOwn() {
    for activation in [Sigmoid(), Softmax(), Tanh(), ReLU(), Flatten()] as [any Recipe] {
      #expect((BinaryCrossEntropy().fused(with: activation) != nil) == (activation is Sigmoid))
      #expect((CategoricalCrossEntropy().fused(with: activation) != nil) == (activation is Softmax))
      #expect(MeanSquaredError().fused(with: activation) == nil)
      #expect(BinaryCrossEntropyWithLogits().fused(with: activation) == nil)
      #expect(CategoricalCrossEntropyWithLogits().fused(with: activation) == nil)
    }
  }

  @Test("Shapes that differ are an error that names the loss")
  func shapes() throws {
    for loss in LossTests.all {
      let message =
        "\(loss.name), target: expected 2×3, as the prediction, got 3×2; "
        + "end the network with as many outputs as the data has classes"
      let (prediction, target) = (Tensor(zeros: [2, 3]), Tensor(zeros: [3, 2]))
      let error = #expect(throws: ShapeError.self) { try loss.error(of: prediction, for: target) }
      #expect(error?.description == message)
      let again = #expect(throws: ShapeError.self) {
        try loss.gradient(of: prediction, for: target)
      }
      #expect(again?.description == message)
    }
  }

  private static let all: [any Loss] = [
    BinaryCrossEntropy(), BinaryCrossEntropyWithLogits(), CategoricalCrossEntropy(),
    CategoricalCrossEntropyWithLogits(), MeanSquaredError(),
  ]

  private func expect(
    _ found: Double, _ expected: Double, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(
      abs(found - expected) <= 1e-6 * max(abs(expected), 1e-3), sourceLocation: sourceLocation)
  }

  private func expect(
    _ found: Tensor, _ expected: [Float], within tolerance: Float = 1e-6,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let largest = expected.map(abs).max() ?? 0
    #expect(found.elements.count == expected.count, sourceLocation: sourceLocation)
    for (found, expected) in zip(found.elements, expected) {
      #expect(abs(found - expected) <= tolerance * largest, sourceLocation: sourceLocation)
    }
  }
}
