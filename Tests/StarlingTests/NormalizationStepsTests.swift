import Starling
import Testing

private let sets = InstructionSet.allCases.filter(\.isSupported)

/// Numbers from a normal distribution.
private func numbers(_ count: Int, seed: UInt64, mean: Float = 0, deviation: Float = 1) -> [Float] {
  var random = SeededGenerator(seed: seed)
  return (0..<count).map { _ in mean + deviation * Float(random.normal()) }
}

@Suite("Batch normalization in a plan")
struct NormalizationStepsTests {
  /// A normalization on trial.
  struct Case: CustomTestStringConvertible {
    var batch, channels, height, width: Int
    var layout = Layout.channelsLast
    /// Of the output; of x, dY and dX it is one less, one more, and two more.
    var border = 1
    var isReLU = false
    var isPooled = false
    /// Whether the output, and dE/dy, are in rows, as a dense layer reads them.
    var isTurned = false
    var mean: Float = 0.5
    var testDescription: String {
      "\(batch)×\(channels)×\(height)×\(width) \(layout)\(isReLU ? " relu" : "")"
        + "\(isPooled ? " pooled" : "")\(isTurned ? " turned" : "")"
    }
  }

  static let cases = [
    Case(batch: 1, channels: 1, height: 1, width: 1),
    Case(batch: 1, channels: 3, height: 5, width: 4),
    Case(batch: 33, channels: 2, height: 3, width: 3, isReLU: true),
    Case(batch: 3, channels: 16, height: 7, width: 5, isReLU: true),
    Case(batch: 2, channels: 70, height: 6, width: 6, isReLU: true),
    Case(batch: 5, channels: 20, height: 4, width: 3, isReLU: true, isTurned: true),
    Case(batch: 5, channels: 20, height: 6, width: 4, isReLU: true, isPooled: true),
    Case(batch: 2, channels: 33, height: 7, width: 9, isPooled: true),
    Case(batch: 3, channels: 64, height: 8, width: 8, isReLU: true, isPooled: true, isTurned: true),
    Case(batch: 2, channels: 16, height: 90, width: 90, isReLU: true, isPooled: true),
    Case(batch: 7, channels: 1, height: 1, width: 1, layout: .rows, border: 0),
    Case(batch: 40, channels: 37, height: 1, width: 1, layout: .rows, border: 0, isReLU: true),
    Case(batch: 130, channels: 100, height: 1, width: 1, layout: .rows, border: 0),
    Case(batch: 4, channels: 16, height: 9, width: 9, mean: 1000),
  ]

  /// A normalization's numbers: what goes in, and what must come out.
  struct Reference {
    let x, y, dY, dX, γ, β, runningMean, runningVariance: [Float]
    let weightGradient, biasGradient, mean, variance: [Double]

    /// The formulas in `Double`, in the plainest loops; with running statistics, if they are to be taken.
    init(_ c: Case, epsilon: Double = 1e-3, takesRunning: Bool = false) {
      let area = c.height * c.width
      let (pooledHeight, pooledWidth) =
        c.isPooled ? (c.height / 2, c.width / 2) : (c.height, c.width)
      let pooledArea = pooledHeight * pooledWidth
      let x = numbers(c.batch * c.channels * area, seed: 1, mean: c.mean)
      let dY = numbers(c.batch * c.channels * pooledArea, seed: 2)
      let γ = numbers(c.channels, seed: 3, mean: 1)
      let β = numbers(c.channels, seed: 4)
      (self.x, self.dY, self.γ, self.β) = (x, dY, γ, β)
      runningMean = numbers(c.channels, seed: 5)
      runningVariance = numbers(c.channels, seed: 6).map { abs($0) + 0.5 }
      var (outputs, inputSlopes) = (
        [Float](repeating: 0, count: dY.count), [Float](repeating: 0, count: x.count)
      )
      var (weights, biases, means, variances): ([Double], [Double], [Double], [Double]) = (
        [], [], [], []
      )
      for channel in 0..<c.channels {
        let places = (0..<c.batch).flatMap { image in
          (0..<area).map { (image * c.channels + channel) * area + $0 }
        }
        let n = Double(places.count)
        var μ = places.reduce(0) { $0 + Double(x[$1]) } / n
        var σ2 = places.reduce(0) { $0 + (Double(x[$1]) - μ) * (Double(x[$1]) - μ) } / n
        if takesRunning {
          (μ, σ2) = (Double(runningMean[channel]), Double(runningVariance[channel]))
        }
        let inverse = 1 / (σ2 + epsilon).squareRoot()
        func normal(_ place: Int) -> Double { (Double(x[place]) - μ) * inverse }
        func output(_ place: Int) -> Double {
          let y = Double(γ[channel]) * normal(place) + Double(β[channel])
          return c.isReLU ? max(y, 0) : y
        }
        // What reaches each number before the ReLU.
        var slope: [Int: Double] = [:]
        for image in 0..<c.batch {
          for row in 0..<pooledHeight {
            for column in 0..<pooledWidth {
              let map = image * c.channels + channel
              let out = map * pooledArea + row * pooledWidth + column
              var places = [map * area + row * c.width + column]
              if c.isPooled {
                let corner = map * area + 2 * row * c.width + 2 * column
                places = [corner, corner + 1, corner + c.width, corner + c.width + 1]
              }
              let best = places.dropFirst().reduce(places[0]) { output($1) > output($0) ? $1 : $0 }
              outputs[out] = Float(output(best))
              if !c.isReLU || output(best) > 0 { slope[best] = Double(dY[out]) }
            }
          }
        }
        let bias = slope.values.reduce(0, +)
        let weight = slope.reduce(0) { $0 + $1.value * normal($1.key) }
        for place in places {
          let own = (slope[place] ?? 0) - (bias + normal(place) * weight) / n
          inputSlopes[place] = Float(Double(γ[channel]) * inverse * own)
        }
        weights.append(weight)
        biases.append(bias)
        means.append(μ)
        variances.append(σ2)
      }
      (y, dX) = (outputs, inputSlopes)
      (weightGradient, biasGradient, mean, variance) = (weights, biases, means, variances)
    }
  }

  /// A rig with a normalization's activations, and the numbers of the reference in them.
  private final class Trial {
    let rig = StepRig()
    let x, y, dY, dX: Activation
    let weight: Int
    private let reference: Reference

    init(_ c: Case, _ reference: Reference) {
      self.reference = reference
      let rig = rig
      func activation(_ border: Int, isOutput: Bool) -> Activation {
        let pooling = isOutput && c.isPooled ? 2 : 1
        return rig.layout.activation(
          isOutput && c.isTurned ? .rows : c.layout, batch: c.batch, channels: c.channels,
          height: c.height / pooling, width: c.width / pooling,
          border: c.layout == .rows ? 0 : border)
      }
      x = activation(c.border - 1, isOutput: false)
      y = activation(c.border, isOutput: true)
      dY = activation(c.border + 1, isOutput: true)
      dX = activation(c.border + 2, isOutput: false)
      weight = rig.parameter(reference.γ)
      _ = rig.parameter(reference.β)
      _ = rig.parameter(reference.runningMean)
      _ = rig.parameter(reference.runningVariance)
    }

    func write() {
      rig[x] = reference.x
      rig[dY] = reference.dY
    }
  }

  /// That numbers are those of the reference, relative to the largest of them.
  private func expect(
    _ found: [Float], near expected: [Double], within tolerance: Double = 2e-6, _ what: String
  ) {
    let scale = expected.reduce(1) { max($0, abs($1)) }
    let worst = zip(found, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
    #expect(found.count >= expected.count && worst <= tolerance * scale, "\(what): \(worst)")
  }

  @Test("forward and back are the formulas, on any number of workers", arguments: sets, cases)
  func training(set: InstructionSet, c: Case) {
    let reference = Reference(c)
    let tolerance = c.mean > 100 ? 1e-4 : 3e-6
    var bits: [[Float]] = []
    for workers in 1...3 {
      let trial = Trial(c, reference)
      let rig = trial.rig
      let forward = NormalizationForward(
        x: trial.x, y: trial.y, isReLU: c.isReLU, isPooled: c.isPooled, weight: trial.weight,
        epsilon: 1e-3, from: .batch(momentum: 0.1), workers: workers, in: &rig.layout, for: set)
      let backward = NormalizationBackward(
        of: forward, dY: trial.dY, dX: trial.dX, workers: workers, in: &rig.layout, for: set)
      trial.write()
      rig.run([forward, backward], workers: workers)
      expect(rig[trial.y], near: reference.y.map(Double.init), within: tolerance, "y")
      expect(rig[trial.dX], near: reference.dX.map(Double.init), within: tolerance, "dE/dx")
      expect(
        rig[backward.weightGradient], near: reference.weightGradient, within: tolerance, "dE/dγ")
      expect(rig[backward.biasGradient], near: reference.biasGradient, "dE/dβ")
      let n = Double(c.batch * c.height * c.width)
      let drift = (0..<c.channels).map {
        (
          0.1 * (Double(reference.runningMean[$0]) - reference.mean[$0]),
          n > 1
            ? 0.1 * (Double(reference.runningVariance[$0]) - reference.variance[$0] * n / (n - 1))
            : 0
        )
      }
      expect(rig[forward.meanGradient], near: drift.map(\.0), "the running mean")
      expect(rig[forward.varianceGradient], near: drift.map(\.1), "the running variance")
      let isClean = rig.isIntact && rig.isZeroAround(trial.y) && rig.isZeroAround(trial.dX)
      #expect(isClean, "borders and padding stay zero")
      bits.append(
        rig[trial.y] + rig[trial.dX] + rig[backward.weightGradient] + rig[forward.meanGradient])
    }
    #expect(bits[0] == bits[1] && bits[0] == bits[2])
  }

  @Test("running statistics are taken as they are, and stay", arguments: sets, cases)
  func inference(set: InstructionSet, c: Case) {
    let reference = Reference(c, takesRunning: true)
    let trial = Trial(c, reference)
    let rig = trial.rig
    let forward = NormalizationForward(
      x: trial.x, y: trial.y, isReLU: c.isReLU, isPooled: c.isPooled, weight: trial.weight,
      epsilon: 1e-3, from: .running, workers: 2, in: &rig.layout, for: set)
    trial.write()
    rig.run([forward], workers: 2)
    expect(rig[trial.y], near: reference.y.map(Double.init), "y")
    #expect(rig[forward.meanGradient].allSatisfy { $0 == 0 })
    #expect(rig.isIntact && rig.isZeroAround(trial.y))
  }

  @Test("dE/dx may take the place of the input, and of dE/dy")
  func inPlace() {
    let c = Case(batch: 3, channels: 16, height: 5, width: 5, isReLU: true)
    let reference = Reference(c)
    for replacesInput in [true, false] {
      let trial = Trial(c, reference)
      let rig = trial.rig
      let dX = replacesInput ? trial.x : trial.dY
      let forward = NormalizationForward(
        x: trial.x, y: trial.y, isReLU: true, isPooled: false, weight: trial.weight,
        epsilon: 1e-3, from: .batch(momentum: 0.1), workers: 2, in: &rig.layout)
      let backward = NormalizationBackward(
        of: forward, dY: trial.dY, dX: dX, workers: 2, in: &rig.layout)
      trial.write()
      rig.run([forward, backward], workers: 2)
      expect(rig[dX], near: reference.dX.map(Double.init), "dE/dx")
    }
  }

  @Test("a ReLU has no slope at 0", arguments: sets, [false, true])
  func slopeAtZero(set: InstructionSet, isPooled: Bool) {
    let c = Case(batch: 2, channels: 16, height: 4, width: 4, isReLU: true, isPooled: isPooled)
    let reference = Reference(c)
    let trial = Trial(c, reference)
    let rig = trial.rig
    let zeros = rig.parameter([Float](repeating: 0, count: 16))
    for _ in 0..<3 { _ = rig.parameter([Float](repeating: 0, count: 16)) }
    let forward = NormalizationForward(
      x: trial.x, y: trial.y, isReLU: true, isPooled: isPooled, weight: zeros, epsilon: 1e-3,
      from: .batch(momentum: 0.1), workers: 1, in: &rig.layout, for: set)
    let backward = NormalizationBackward(
      of: forward, dY: trial.dY, dX: nil, workers: 1, in: &rig.layout, for: set)
    trial.write()
    rig.run([forward, backward], workers: 1)
    #expect(rig[backward.biasGradient] == [Float](repeating: 0, count: 16))
    #expect(rig[backward.weightGradient] == [Float](repeating: 0, count: 16))
  }
}
