import Starling
import Testing

/// The losses of a plan, beside those of the plain network.
@Suite("The loss of a plan")
struct LossStepsTests {
  /// A loss as a plan has it, and as a function of the outputs of a layer.
  struct Pair: CustomTestStringConvertible {
    let kind: LossKind
    let loss: any Loss
    /// What makes predictions of what the loss is a function of.
    let last: (any Recipe)?
    var testDescription: String { "\(kind)" }
  }

  static let pairs = [
    Pair(
      kind: .binaryCrossEntropyWithLogits, loss: BinaryCrossEntropyWithLogits(), last: Sigmoid()),
    Pair(
      kind: .categoricalCrossEntropyWithLogits, loss: CategoricalCrossEntropyWithLogits(),
      last: Softmax()),
    Pair(kind: .meanSquaredError, loss: MeanSquaredError(), last: nil),
  ]

  /// What a step says of some outputs.
  private struct Result: Equatable {
    let error: Double
    let correct: Int
    let gradient: [Float]
  }

  private func result(
    of kind: LossKind, _ z: Tensor, _ y: Tensor, workers: Int
  ) -> Result {
    let (batch, classes) = (z.shape[0], z.shape[1])
    let rig = StepRig()
    let slots = (0..<3).map { _ in rig.layout.slot(batch * classes) }
    let step = LossStep(
      loss: kind, batch: batch, classes: classes, outputs: slots[0], targets: slots[1],
      gradient: slots[2], in: &rig.layout)
    rig[slots[0]] = z.elements
    rig[slots[1]] = y.elements
    rig.run([step], workers: workers)
    let report = UnsafeRawPointer(rig.memory[step.report])
    #expect(rig.isIntact)
    return Result(
      error: report.load(as: Double.self),
      correct: Int(report.load(fromByteOffset: 8, as: Double.self)), gradient: rig[slots[2]])
  }

  /// Outputs of all sizes, some of them equal, and one class for each image.
  private func sample(_ batch: Int, _ classes: Int) throws -> (z: Tensor, y: Tensor) {
    var random = SeededGenerator(seed: UInt64(batch + classes))
    let z = (0..<batch * classes).map { n in
      n % 7 == 0 ? 1 : Float(random.normal()) * (n % 5 == 0 ? 60 : 2)
    }
    var y = [Float](repeating: 0, count: batch * classes)
    for image in 0..<batch { y[image * classes + random.index(below: classes)] = 1 }
    return (try Tensor([batch, classes], elements: z), try Tensor([batch, classes], elements: y))
  }

  @Test(
    "error, gradient and images classified correctly are those of the plain loss",
    arguments: pairs, [(1, 1), (1, 2), (7, 3), (64, 10), (33, 40)])
  func plain(pair: Pair, size: (batch: Int, classes: Int)) throws {
    let (z, y) = try sample(size.batch, size.classes)
    let step = result(of: pair.kind, z, y, workers: 1)
    let error = try pair.loss.error(of: z, for: y)
    #expect(abs(step.error - error) <= 1e-12 * max(1, abs(error)))
    let gradient = try pair.loss.gradient(of: z, for: y)
    for (a, b) in zip(step.gradient, gradient.elements) { #expect(abs(a - b) < 1e-6) }
    #expect(step.correct == (try correct(z, y, behind: pair.last)))
    #expect(step == result(of: pair.kind, z, y, workers: 2))
    #expect(step == result(of: pair.kind, z, y, workers: 3))
  }

  /// How many rows have their first largest prediction where the target has its own.
  private func correct(_ z: Tensor, _ y: Tensor, behind last: (any Recipe)?) throws -> Int {
    let classes = z.shape[1]
    var outputs = z
    if let last {
      outputs = try Network(input: [classes], seed: 1, recipes: [last])(z)
    }
    func first(_ tensor: Tensor, _ image: Int) -> Int? {
      let row = image * classes..<(image + 1) * classes
      let largest = tensor.elements[row].max()
      return row.first { tensor.elements[$0] == largest }
    }
    return (0..<z.shape[0]).count { first(outputs, $0) == first(y, $0) }
  }

  @Test("an output that is no number shows in the error, wherever it is", arguments: pairs, 0..<6)
  func notANumber(pair: Pair, place: Int) throws {
    var z: [Float] = [1, -2, 3, 0, 1, 2]
    let y = try Tensor([2, 3], elements: [0, 1, 0, 1, 0, 0])
    z[place] = .nan
    #expect(result(of: pair.kind, try Tensor([2, 3], elements: z), y, workers: 1).error.isNaN)
    z[place] = .infinity
    let error = result(of: pair.kind, try Tensor([2, 3], elements: z), y, workers: 1).error
    #expect(!error.isFinite)
  }
}
