import LineByLine
import Starling
import Testing

/// Holds the engine to what the formulas say, within 1e-5 of the largest value of each tensor.
///
/// The engine computes in `Float`, in batches, on several threads and in an order of its own;
/// `LineByLine` computes in `Double`, one image at a time, as the formulas stand. Both get the same
/// numbers here.
@Suite("The engine against LineByLine, on random shapes")
struct EngineAgainstLineByLineTests {
  @Test("Convolution on 500 random shapes (debug builds: every tenth): Y, dE/dX, dE/dK, dE/dB")
  func convolution() throws {
    for number in someOf(500) { try requireSameConvolution(number) }
  }

  @Test("Dense on 100 random sizes (debug builds: every tenth): y, dE/dx, dE/dw, dE/db")
  func dense() throws {
    for number in someOf(100) { try requireSameDense(number) }
  }

  @Test("Sigmoid and Tanh on 30 random volumes, from far left to far right")
  func activations() throws {
    for number in 0..<30 { try requireSameActivations(number) }
  }

  @Test("Losses on 30 random batches: the mean of LineByLine's over the images, and its gradient")
  func losses() throws {
    for number in 0..<30 { try requireSameLosses(number) }
  }

  private func requireSameConvolution(_ number: Int) throws {
    var random = SplitMix64(seed: UInt64(number))
    let biasKind = [Convolution.Bias.perPosition, .perChannel, .none][number % 3]
    let batch = random.whole(1...9)
    let shape = VolumeShape(
      depth: random.whole(1...8), height: random.whole(1...40), width: random.whole(1...40))
    // The formula has neither stride nor padding. With a border of zeros around X, and of its outputs only
    // those that the stride reaches, it has both: the others get no slope.
    let stride = random.whole(1...3)
    let padding = random.whole(0...3)
    let padded = VolumeShape(
      depth: shape.depth, height: shape.height + 2 * padding, width: shape.width + 2 * padding)
    let rows = random.whole(1...min(7, padded.height))
    let columns = random.whole(1...min(7, padded.width))
    let depth = random.whole(1...8)

    let kernels = (0..<depth).map { _ in random.volume([shape.depth, rows, columns]) }
    let every = VolumeShape(
      depth: depth, height: padded.height - rows + 1, width: padded.width - columns + 1)
    let outputShape = VolumeShape(
      depth: depth, height: (every.height - 1) / stride + 1, width: (every.width - 1) / stride + 1)
    let biasShape = biasKind == .perPosition ? outputShape : [depth, 1, 1]
    let biases = biasKind == .none ? Volume(shape: biasShape) : random.volume(biasShape)
    let images = (0..<batch).map { _ in random.volume(shape) }
    let slopes = (0..<batch).map { _ in random.volume(outputShape) }

    let formula = try ConvolutionalLayer(
      inputShape: padded, kernels: Kernels(kernels.map(\.matrices)),
      biases: biasKind == .perPosition ? biases.placed(in: every, stride: stride) : biases)
    let bordered = images.map { $0.placed(in: padded, from: padding) }
    let outputs = bordered.map { formula.forward($0).taken(outputShape, stride: stride) }
    let passes = zip(bordered, slopes).map { X, dY in
      formula.backward(dY.placed(in: every, stride: stride), input: X)
    }
    let inner = passes.map { $0.dX.taken(shape, from: padding) }

    let weight = try Tensor(
      [depth, shape.depth, rows, columns], elements: floats(kernels.flatMap(\.values)))
    let bias = try Tensor(
      biasKind == .perPosition ? Shape([depth, outputShape.height, outputShape.width]) : [depth],
      elements: floats(biases.values))
    let layer = try Convolution(
      depth: depth, kernelHeight: rows, kernelWidth: columns, stride: stride, padding: padding,
      bias: biasKind
    ).build(
      for: Shape([shape.depth, shape.height, shape.width]),
      parameters: biasKind == .none
        ? Parameters(["weight": weight]) : Parameters(["weight": weight, "bias": bias]))
    let found = try bothWays(through: layer, images, slopes, threads: 1 + number / 3 % 3)

    let name =
      "shape \(number), \(batch) images of \(shape), \(depth) kernels of \(rows)×\(columns), "
      + "stride \(stride), padding \(padding)"
    try require(found.y, near: outputs.flatMap(\.values), "Y of \(name)")
    try require(found.dX, near: inner.flatMap(\.values), "dE/dX of \(name)")
    let dK = sum(passes.map { $0.gradient.dK.matrices.flatMap(\.values) })
    try require(found.gradient["weight"], near: dK, addedTo: before, "dE/dK of \(name)")
    if biasKind != .none {
      let dB = sum(
        passes.map { pass in
          let dB = pass.gradient.dB
          return (biasKind == .perPosition ? dB.taken(outputShape, stride: stride) : dB).values
        })
      try require(found.gradient["bias"], near: dB, addedTo: before, "dE/dB of \(name)")
    }
  }

  private func requireSameDense(_ number: Int) throws {
    var random = SplitMix64(seed: UInt64(1000 + number))
    let batch = random.whole(1...9)
    let (inputs, outputs) = (random.whole(1...700), random.whole(1...120))
    let weights = random.volume([1, outputs, inputs])[0]
    let biases = random.volume([1, outputs, 1])[0]
    let images = (0..<batch).map { _ in random.volume([1, inputs, 1]) }
    let slopes = (0..<batch).map { _ in random.volume([1, outputs, 1]) }

    let formula = try LineByLine.Dense(weights: weights, biases: biases)
    let passes = zip(images, slopes).map { x, dy in formula.backward(dy, input: x) }
    let layer = try Starling.Dense(outputs).build(
      for: [inputs],
      parameters: Parameters([
        "weight": try Tensor([outputs, inputs], elements: floats(weights.values)),
        "bias": try Tensor([outputs], elements: floats(biases.values)),
      ]))
    let found = try bothWays(through: layer, images, slopes, threads: 1 + number % 3)

    let name = "size \(number), \(batch) images, \(inputs) to \(outputs)"
    try require(found.y, near: images.flatMap { formula.forward($0).values }, "y of \(name)")
    try require(found.dX, near: passes.flatMap(\.dX.values), "dE/dx of \(name)")
    let (dw, db) = (sum(passes.map(\.gradient.dW.values)), sum(passes.map(\.gradient.db.values)))
    try require(found.gradient["weight"], near: dw, addedTo: before, "dE/dw of \(name)")
    try require(found.gradient["bias"], near: db, addedTo: before, "dE/db of \(name)")
  }

  private func requireSameActivations(_ number: Int) throws {
    var random = SplitMix64(seed: UInt64(2000 + number))
    let shape = VolumeShape(
      depth: random.whole(1...8), height: random.whole(1...20), width: random.whole(1...20))
    let images = (0..<random.whole(1...9)).map { _ in random.volume(shape, within: 12) }
    let slopes = images.map { _ in random.volume(shape) }
    let pairs: [(any LineByLine.Layer, any Recipe)] = [
      (LineByLine.Sigmoid(), Starling.Sigmoid()), (LineByLine.Tanh(), Starling.Tanh()),
    ]
    for (formula, recipe) in pairs {
      let layer = try recipe.build(
        for: Shape([shape.depth, shape.height, shape.width]), parameters: .none)
      let found = try bothWays(through: layer, images, slopes, threads: 1 + number % 3)
      try require(
        found.y, near: images.flatMap { formula.forward($0).values },
        "\(recipe.name), volumes \(number)")
      try require(
        found.dX, near: zip(images, slopes).flatMap { inputGradient(of: formula, $1, $0).values },
        "dE/dX of \(recipe.name), volumes \(number)")
    }
  }

  private func requireSameLosses(_ number: Int) throws {
    var random = SplitMix64(seed: UInt64(3000 + number))
    let (batch, outputs) = (random.whole(1...9), random.whole(1...12))
    let targets = (0..<batch).map { _ in random.volume([1, outputs, 1]).map { $0 > 0 ? 1 : 0 } }
    let logits = (0..<batch).map { _ in random.volume([1, outputs, 1], within: 5) }
    let predictions = logits.map { z in
      LineByLine.Sigmoid().forward(z).map { Double(Float($0)) }
    }
    let pairs: [(any LineByLine.Loss, any Starling.Loss)] = [
      (LineByLine.BinaryCrossEntropy(), Starling.BinaryCrossEntropy()),
      (LineByLine.MeanSquaredError(), Starling.MeanSquaredError()),
    ]
    let y = try tensor(targets, [outputs])
    for (formula, loss) in pairs {
      let ŷ = try tensor(predictions, [outputs])
      let images = zip(targets, predictions)
      let error = images.map { formula.error(target: $0, prediction: $1) }.reduce(0, +)
      #expect(isNear(try loss.error(of: ŷ, for: y), error / Double(batch)), "\(loss.name)")
      try require(
        loss.gradient(of: ŷ, for: y),
        near: images.flatMap { formula.gradient(target: $0, prediction: $1).values }
          .map { $0 / Double(batch) }, "gradient of \(loss.name), batch \(number)")
    }

    // Sigmoid and binary cross-entropy in one: the engine's form against the chain of the two.
    let (sigmoid, formula) = (LineByLine.Sigmoid(), LineByLine.BinaryCrossEntropy())
    let fused = try #require(Starling.BinaryCrossEntropy().fused(with: Starling.Sigmoid()))
    let z = try tensor(logits, [outputs])
    let chain = zip(targets, logits).map { y, z in
      let ŷ = sigmoid.forward(z)
      return (
        E: formula.error(target: y, prediction: ŷ),
        dz: sigmoid.backward(formula.gradient(target: y, prediction: ŷ), input: z).dX
      )
    }
    #expect(isNear(try fused.error(of: z, for: y), chain.map(\.E).reduce(0, +) / Double(batch)))
    try require(
      fused.gradient(of: z, for: y),
      near: chain.flatMap(\.dz.values).map { $0 / Double(batch) },
      "dE/dz of the fused loss, batch \(number)")
  }
}

// MARK: - One pass through a layer of the engine

/// What the gradient holds before the pass: nothing of it may be lost.
private let before: Float = 0.5

/// Output and gradients of one batch; the gradient of the parameters does not start from zero.
private func bothWays(
  through layer: some Starling.Layer, _ images: [Volume], _ slopes: [Volume], threads: Int
) throws -> (y: Tensor, dX: Tensor, gradient: Parameters) {
  let pass = Pass(.inference, threads: Threads(threads))
  let (y, cache) = layer.forward(try tensor(images, layer.inputShape), pass)
  try #require(y.shape == layer.outputShape.batched(images.count))
  var gradient = layer.parameters.zeros
  for index in gradient.tensors.indices {
    gradient.tensors[index] = gradient.tensors[index].map { _ in before }
  }
  let dY = try tensor(slopes, layer.outputShape)
  let dX = layer.backward(dY, cache, accumulatingInto: &gradient, pass)
  return (y, dX, gradient)
}

private func inputGradient(of layer: some LineByLine.Layer, _ dY: Volume, _ X: Volume) -> Volume {
  layer.backward(dY, input: X).dX
}

private func tensor(_ volumes: [Volume], _ shape: Shape) throws -> Tensor {
  try Tensor(shape.batched(volumes.count), elements: floats(volumes.flatMap(\.values)))
}

private func floats(_ values: [Double]) -> [Float] { values.map { Float($0) } }

/// Sums over the images of a batch.
private func sum(_ gradients: [[Double]]) -> [Double] {
  gradients.dropFirst().reduce(gradients[0]) { zip($0, $1).map { $0 + $1 } }
}

extension Volume {
  /// Zeros of another shape, with these numbers in it from (first, first) on, `stride` apart.
  fileprivate func placed(
    in shape: VolumeShape, from first: Int = 0, stride: Int = 1
  ) -> Volume {
    Volume(
      matrices.map { mine in
        var matrix = Matrix(rows: shape.height, columns: shape.width)
        for row in 0..<mine.rows {
          for column in 0..<mine.columns {
            matrix[first + row * stride, first + column * stride] = mine[row, column]
          }
        }
        return matrix
      })
  }

  /// The numbers that `placed` would put back.
  fileprivate func taken(
    _ shape: VolumeShape, from first: Int = 0, stride: Int = 1
  ) -> Volume {
    Volume(
      matrices.map { mine in
        var matrix = Matrix(rows: shape.height, columns: shape.width)
        for row in 0..<shape.height {
          for column in 0..<shape.width {
            matrix[row, column] = mine[first + row * stride, first + column * stride]
          }
        }
        return matrix
      })
  }
}

// MARK: - Near enough

private let tolerance = 1e-5

private func isNear(_ found: Double, _ expected: Double) -> Bool {
  abs(found - expected) <= tolerance * abs(expected)
}

/// The tensor's distance from the formula's values, relative to the largest of them.
///
/// The first tensor that is too far away ends the test, so that it is told of once and not 500 times.
private func require(
  _ found: Tensor, near expected: [Double], _ name: String,
  at location: SourceLocation = #_sourceLocation
) throws {
  try require(found.elements.map { Double($0) }, near: expected, name, at: location)
}

private func require(
  _ found: [Double], near expected: [Double], _ name: String, at location: SourceLocation
) throws {
  try #require(found.count == expected.count, "\(name)", sourceLocation: location)
  let largest = expected.reduce(0) { max($0, abs($1)) }
  let apart = zip(found, expected).map { abs($0 - $1) }
  // Asked so that a NaN is far from everything.
  let isNear = apart.allSatisfy { $0 <= tolerance * largest }
  let furthest = apart.max() ?? .nan
  try #require(
    isNear, "\(name): \(furthest) apart, the largest value being \(largest)",
    sourceLocation: location)
}

/// The same for a gradient, which has to be added to what was there before.
///
/// The start is taken off again, so that the distance is relative to the gradient's own largest value.
private func require(
  _ found: Tensor, near gradient: [Double], addedTo start: Float, _ name: String,
  at location: SourceLocation = #_sourceLocation
) throws {
  try require(
    found.elements.map { Double($0) - Double(start) }, near: gradient, name, at: location)
}

// MARK: - Random cases

/// All numbers below `count`, or in debug builds, where `LineByLine` is slow, every tenth.
private func someOf(_ count: Int) -> [Int] {
  #if DEBUG
    Array(stride(from: 0, to: count, by: 10))
  #else
    Array(0..<count)
  #endif
}

extension SplitMix64 {
  fileprivate mutating func whole(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(uniform() * Double(range.count))
  }

  /// Numbers between −bound and bound that a `Float` holds exactly.
  fileprivate mutating func volume(_ shape: VolumeShape, within bound: Double = 1) -> Volume {
    Volume(
      shape: shape,
      values: (0..<shape.count).map { _ in Double(Float((2 * uniform() - 1) * bound)) })
  }
}
