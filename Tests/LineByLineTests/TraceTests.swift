import Foundation
import LineByLine
import Testing

@Suite("The trace")
struct TraceTests {
  @Test("Sixteen products forward, and after the fourth Y[0,0] is 8")
  func forward() throws {
    let steps = try Fixture.layer().traceForward(Volume([Fixture.X]))
    #expect(steps.count == 16)
    #expect(steps.prefix(4).map(\.product) == [1, 12, -5, 0])
    #expect(steps.prefix(4).map(\.sum) == [1, 13, 8, 8])
    #expect(steps.prefix(4).allSatisfy { $0.target == $0.window && $0.window.row == 0 })
    #expect(steps[3].left.position.row == 1 && steps[3].left.position.column == 1)
    #expect(steps[3].left.value == 3 && steps[3].right.value == 0)
    #expect(steps[15].sum == 5)
  }

  @Test("The sums begin with the bias, tied or not")
  func forwardFromBias() throws {
    let untied = try Fixture.layer(biases: Volume([[[10, 20], [30, 40]]]))
    #expect(untied.traceForward(Volume([Fixture.X])).prefix(4).map(\.sum) == [11, 23, 18, 18])
    let tied = try Fixture.layer(biases: Volume([[[10]]]))
    #expect(tied.traceForward(Volume([Fixture.X])).last?.sum == 15)
  }

  @Test(
    "Every pass ends with the layer's own numbers, bit for bit", arguments: Bias.allCases, 1...6)
  func sums(bias: Bias, seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let layer = try ConvolutionalLayer(
      inputShape: [random.size(upTo: 3), 4, 5], kernelSize: random.size(upTo: 4),
      depth: random.size(upTo: 3), bias: bias, using: &random)
    let X = random.volume(layer.inputShape)
    let dY = random.volume(layer.outputShape)
    let (dX, gradient) = layer.backward(dY, input: X)

    let forward = layer.traceForward(X)
    #expect(last(forward, in: layer.outputShape) { $0.j } == layer.forward(X))
    let kernels = layer.traceKernelGradient(dY, input: X)
    let count = layer.depth * layer.inputDepth
    #expect(
      last(kernels, in: [count, layer.kernels.rows, layer.kernels.columns]) {
        $0.j * layer.inputDepth + $0.i
      } == Volume(gradient.dK.matrices))
    let gathering = layer.traceInputGradientByGathering(dY)
    #expect(last(gathering, in: layer.inputShape) { $0.i } == dX)
    let scattering = layer.traceInputGradientByScattering(dY)
    #expect(relativeError(last(scattering, in: layer.inputShape) { $0.i }, dX) < 1e-14)
    for step in forward + kernels + gathering + scattering {
      #expect(step.product == step.left.value * step.right.value)
    }
  }

  @Test("Factors are named by where they stand in X, K and dE/dY themselves")
  func positions() throws {
    let layer = try Fixture.layer()
    let (X, K, dY) = (Fixture.X, Fixture.K, Fixture.dY)
    for step in layer.traceForward(Volume([X])) {
      #expect(step.left.value == value(X, step.left) && step.right.value == value(K, step.right))
    }
    for step in layer.traceKernelGradient(Volume([dY]), input: Volume([X])) {
      #expect(step.left.value == value(X, step.left) && step.right.value == value(dY, step.right))
    }
    let gathering = layer.traceInputGradientByGathering(Volume([dY]))
    for step in gathering {
      #expect(step.right.value == value(K, step.right))
      #expect(step.left.isPadding ? step.left.value == 0 : step.left.value == value(dY, step.left))
    }
    // The same sixteen products as scattering, in another order, and zeros for the rest.
    let scattering = layer.traceInputGradientByScattering(Volume([dY]))
    let inside = gathering.filter { !$0.left.isPadding }
    #expect(gathering.count == 36 && inside.count == 16 && scattering.count == 16)
    for step in scattering {
      #expect(step.left.value == value(dY, step.left) && step.right.value == value(K, step.right))
      #expect(
        inside.contains {
          $0.left == step.left && $0.right == step.right && $0.target == step.target
        })
    }
  }

  @Test("The lines named are the lines of the source", arguments: SourceLine.allCases)
  func sourceLines(line: SourceLine) throws {
    let room = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Sources/LineByLine")
    let source = try String(contentsOf: room.appendingPathComponent(line.file), encoding: .utf8)
    let numbered = source.components(separatedBy: "\n").enumerated().map { index, code in
      let withoutRemark = code.components(separatedBy: "  //")[0]
      return (number: index + 1, code: withoutRemark.trimmingCharacters(in: .whitespaces))
    }
    let found = numbered.filter { $0.code == line.code }.map(\.number)
    #expect(found == [line.number], "SourceLine.swift has \(line), the source \(found)")
  }

  @Test("A step names the layer's line first, then the operator's")
  func stepsNameTheirLines() throws {
    let layer = try Fixture.layer()
    let (X, dY) = (Volume([Fixture.X]), Volume([Fixture.dY]))
    #expect(layer.traceForward(X)[0].lines == [.forward, .crossCorrelation])
    #expect(
      layer.traceKernelGradient(dY, input: X)[0].lines == [.kernelGradient, .crossCorrelation])
    #expect(
      layer.traceInputGradientByGathering(dY)[0].lines
        == [.inputGradient, .convolution, .crossCorrelation])
    #expect(layer.traceInputGradientByScattering(dY)[0].lines == [.inputGradient, .scattering])
  }

  @Test("A trace goes into JSON and comes back")
  func coding() throws {
    let steps = try Fixture.layer().traceForward(Volume([Fixture.X]))
    let data = try JSONEncoder().encode(steps)
    #expect(try JSONDecoder().decode([TraceStep].self, from: data) == steps)
  }

  private func value(_ matrix: Matrix, _ factor: TraceStep.Factor) -> Double {
    matrix[factor.position.row, factor.position.column]
  }

  /// What stands at each target after the last step that touched it.
  private func last(
    _ steps: [TraceStep], in shape: VolumeShape, at channel: (TraceStep) -> Int
  ) -> Volume {
    var result = Volume(shape: shape, repeating: .nan)
    for step in steps {
      result[channel(step)][step.target.row, step.target.column] = step.sum
    }
    return result
  }
}
