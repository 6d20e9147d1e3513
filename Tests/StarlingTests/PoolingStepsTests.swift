import Starling
import Testing

private let sets = InstructionSet.allCases.filter(\.isSupported)

/// Small whole numbers, so that a window often has several largest ones.
private func numbers(_ count: Int, seed: UInt64) -> [Float] {
  var random = SeededGenerator(seed: seed)
  return (0..<count).map { _ in Float(random.index(below: 9)) - 4 }
}

@Suite("Pooling in a plan")
struct PoolingStepsTests {
  /// A pooling on trial: channels, rows, columns, size and stride.
  struct Case: CustomTestStringConvertible {
    let batch, channels, height, width, size, stride: Int
    var testDescription: String {
      "\(batch)×\(channels)×\(height)×\(width), \(size) by \(stride)"
    }
  }

  static let cases = [
    Case(batch: 1, channels: 1, height: 2, width: 2, size: 2, stride: 2),
    Case(batch: 3, channels: 16, height: 8, width: 6, size: 2, stride: 2),
    Case(batch: 2, channels: 70, height: 7, width: 9, size: 2, stride: 2),
    Case(batch: 2, channels: 20, height: 7, width: 7, size: 3, stride: 2),
    Case(batch: 4, channels: 3, height: 6, width: 5, size: 3, stride: 1),
    Case(batch: 2, channels: 5, height: 9, width: 8, size: 2, stride: 3),
    Case(batch: 1, channels: 33, height: 17, width: 17, size: 17, stride: 1),
  ]

  /// What the plain layer gives.
  private func plain(
    _ recipe: some Recipe, _ x: Tensor, _ dY: [Float]
  ) throws -> (y: [Float], dX: [Float]) {
    func pass(_ layer: some Layer) throws -> ([Float], [Float]) {
      let pass = Pass(.training(seed: 1), threads: Threads(1))
      let (y, cache) = layer.forward(x, pass)
      var gradient = layer.parameters
      let slopes = try Tensor(y.shape, elements: dY)
      return (y.elements, layer.backward(slopes, cache, accumulatingInto: &gradient, pass).elements)
    }
    let shape = Shape(Array((1..<4).map { x.shape[$0] }))
    return try pass(try recipe.build(for: shape, parameters: .none))
  }

  @Test(
    "forward and back are the layer's, bit for bit, in every layout", arguments: sets, cases)
  func pooling(set: InstructionSet, c: Case) throws {
    let (height, width) = (
      (c.height - c.size) / c.stride + 1, (c.width - c.size) / c.stride + 1
    )
    let x = try Tensor(
      [c.batch, c.channels, c.height, c.width],
      elements: numbers(c.batch * c.channels * c.height * c.width, seed: 1))
    let dY = numbers(c.batch * c.channels * height * width, seed: 2)
    for kind in [PoolingWindow.Kind.max, .average] {
      let expected =
        kind == .max
        ? try plain(MaxPooling(size: c.size, stride: c.stride), x, dY)
        : try plain(AveragePooling(size: c.size, stride: c.stride), x, dY)
      for layouts in [
        (Layout.channelsLast, Layout.channelsLast), (.channelsLast, .rows), (.rows, .rows),
      ] {
        for workers in [1, 3] {
          let rig = StepRig()
          func activation(_ layout: Layout, _ border: Int, isOutput: Bool) -> Activation {
            rig.layout.activation(
              layout, batch: c.batch, channels: c.channels, height: isOutput ? height : c.height,
              width: isOutput ? width : c.width, border: border)
          }
          let input = activation(layouts.0, 1, isOutput: false)
          let output = activation(layouts.1, 2, isOutput: true)
          let slopes = activation(layouts.1, 0, isOutput: true)
          let result = activation(layouts.0, 2, isOutput: false)
          let forward = PoolingForward(
            PoolingWindow(kind, size: c.size, stride: c.stride), x: input, y: output,
            isTraining: true, in: &rig.layout, for: set)
          let backward = PoolingBackward(
            of: forward, dY: slopes, dX: result, workers: workers, in: &rig.layout, for: set)
          rig[input] = x.elements
          rig[slopes] = dY
          rig.run([forward, backward], workers: workers)
          let found = (y: rig[output], dX: rig[result])
          #expect(found == expected, "\(kind), \(layouts)")
          let isClean = rig.isIntact && rig.isZeroAround(output) && rig.isZeroAround(result)
          #expect(isClean, "\(kind), \(layouts)")
        }
      }
    }
  }

  @Test("a number that is none is kept", arguments: sets, [1, 16])
  func notANumber(set: InstructionSet, channels: Int) {
    for place in 0..<4 {
      let rig = StepRig()
      let x = rig.layout.activation(
        .channelsLast, batch: 1, channels: channels, height: 2, width: 2)
      let y = rig.layout.activation(
        .channelsLast, batch: 1, channels: channels, height: 1, width: 1)
      let step = PoolingForward(
        PoolingWindow(.max, size: 2, stride: 2), x: x, y: y, isTraining: false, in: &rig.layout,
        for: set)
      var numbers = [Float](repeating: 1, count: 4 * channels)
      numbers[place] = .nan
      rig[x] = numbers
      rig.run([step], workers: 1)
      #expect(rig[y][0].isNaN)
    }
  }
}
