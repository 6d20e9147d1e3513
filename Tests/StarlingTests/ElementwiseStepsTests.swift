import Foundation
import Starling
import Testing

private let sets = InstructionSet.allCases.filter(\.isSupported)

/// Numbers from a normal distribution.
private func numbers(_ count: Int, seed: UInt64 = 1) -> [Float] {
  var random = SeededGenerator(seed: seed)
  return (0..<count).map { _ in Float(random.normal()) }
}

@Suite("Steps of a plan that work on each number by itself")
struct ElementwiseStepsTests {
  /// Activations on trial: without a border and with one, vectors, odd sizes.
  private static let shapes: [(batch: Int, channels: Int, height: Int, width: Int)] = [
    (1, 1, 1, 1), (1, 5, 26, 26), (2, 3, 7, 5), (19, 6, 4, 3), (3, 20, 5, 5), (2, 16, 3, 4),
    (4, 70, 2, 2), (33, 100, 1, 1),
  ]

  @Test(
    "a function and its slope are those of each number, and nothing else is written",
    arguments: ElementwiseKind.allCases, [Layout.rows, .batchLast, .channelsLast])
  func functions(function: ElementwiseKind, layout: Layout) {
    for shape in Self.shapes {
      for (inner, outer) in [(0, 0), (1, 2), (2, 0)] {
        for workers in [1, 3] {
          let rig = StepRig()
          func activation(_ border: Int) -> Activation {
            rig.layout.activation(
              layout, batch: shape.batch, channels: shape.channels, height: shape.height,
              width: shape.width, border: border)
          }
          let (x, y, dY, dX) = (
            activation(inner), activation(outer), activation(inner), activation(outer)
          )
          let count = shape.batch * shape.channels * shape.height * shape.width
          let (input, slopes) = (numbers(count), numbers(count, seed: 2))
          rig[x] = input
          rig[dY] = slopes
          rig.run(
            [
              ElementwiseForward(function: function, x: x, y: y),
              ElementwiseBackward(function: function, y: y, dY: dY, dX: dX),
            ], workers: workers)
          let (value, slope) = Self.exact(function)
          let expected = input.map(value)
          #expect(Self.distance(rig[y], expected) < 1e-6)
          #expect(
            Self.distance(rig[dX], zip(slopes, expected).map { $0 * slope($1) }) < 1e-6)
          let isClean = rig.isIntact && rig.isZeroAround(y) && rig.isZeroAround(dX)
          #expect(isClean, "\(shape), borders \(inner) and \(outer)")
        }
      }
    }
  }

  private static func exact(
    _ function: ElementwiseKind
  ) -> (value: (Float) -> Float, slope: (Float) -> Float) {
    switch function {
    case .relu: (ReLU().value, ReLU().slope(atValue:))
    case .sigmoid: (Sigmoid().value, Sigmoid().slope(atValue:))
    case .tanh: (Tanh().value, Tanh().slope(atValue:))
    }
  }

  private static func distance(_ a: [Float], _ b: [Float]) -> Float {
    zip(a, b).reduce(a.count == b.count ? 0 : .infinity) { max($0, abs($1.0 - $1.1)) }
  }

  @Test("dropout drops what the layer's mask drops, forward and back", arguments: sets, 1...3)
  func dropout(set: InstructionSet, workers: Int) {
    for (batch, features, rate) in [
      (1, 1, 0.5), (3, 7, 0.25), (2, 1601, 0.5), (5, 300, 0), (2, 200, 0.99999),
      // So many that some of the random numbers are the very edge between dropped and kept.
      (2, 200_000, 0.5),
    ] as [(Int, Int, Float)] {
      let rig = StepRig()
      rig.seed = 77
      let (x, y) = (rig.layout.slot(batch * features), rig.layout.slot(batch * features))
      rig[x] = numbers(batch * features)
      rig.run(
        [
          DropoutStep(
            rate: rate, layer: 4, batch: batch, features: features, x: x, y: y,
            loops: ElementwiseLoops(set))
        ], workers: workers)
      var seeds = SeededGenerator(seed: 77, stream: 4)
      let mask = DropoutMask(rate: rate, seed: seeds.next())
      let expected = rig[x].enumerated().map { mask.drops($0) ? 0 : $1 * mask.scale }
      // Compared first: of arrays that differ, the test library looks for the least difference, here for minutes.
      let isExpected = rig[y] == expected
      #expect(isExpected, "\(batch)×\(features) at rate \(rate)")
      #expect(rig.isIntact)
    }
  }

  @Test(
    "softmax and its slope are those of the layer, image by image",
    arguments: [(1, 1), (3, 10), (40, 33)], 1...3)
  func softmax(size: (batch: Int, classes: Int), workers: Int) throws {
    let rig = StepRig()
    let count = size.batch * size.classes
    let slots = (0..<4).map { _ in rig.layout.slot(count) }
    let (input, slopes) = (numbers(count), numbers(count, seed: 2))
    rig[slots[0]] = input
    rig[slots[2]] = slopes
    rig.run(
      [
        SoftmaxForward(batch: size.batch, classes: size.classes, x: slots[0], y: slots[1]),
        SoftmaxBackward(
          batch: size.batch, classes: size.classes, y: slots[1], dY: slots[2], dX: slots[3]),
      ], workers: workers)
    for image in 0..<size.batch {
      let row = image * size.classes..<(image + 1) * size.classes
      let powers = input[row].map { exp(Double($0)) }
      let y = powers.map { $0 / powers.reduce(0, +) }
      let mean = zip(y, slopes[row]).reduce(0) { $0 + $1.0 * Double($1.1) }
      for (k, place) in row.enumerated() {
        #expect(abs(Double(rig[slots[1]][place]) - y[k]) < 1e-6)
        let slope = y[k] * (Double(slopes[place]) - mean)
        #expect(abs(Double(rig[slots[3]][place]) - slope) < 1e-6)
      }
    }
    #expect(rig.isIntact)
  }

  @Test(
    "a number is dropped if its bits are below the rate's, not if they are equal", arguments: sets)
  func threshold(set: InstructionSet) {
    var seeds = SeededGenerator(seed: 77, stream: 0)
    let bits = DropoutMask(rate: 0, seed: seeds.next()).word(0) & 0xffff
    for (rate, isDropped) in [(Float(bits) / 65536, false), (Float(bits + 1) / 65536, true)] {
      let rig = StepRig()
      rig.seed = 77
      let slot = rig.layout.slot(16)
      rig[slot] = [Float](repeating: 1, count: 16)
      let step = DropoutStep(
        rate: rate, layer: 0, batch: 1, features: 16, x: slot, y: slot,
        loops: ElementwiseLoops(set))
      rig.run([step], workers: 1)
      #expect((rig[slot][0] == 0) == isDropped)
    }
  }
}
