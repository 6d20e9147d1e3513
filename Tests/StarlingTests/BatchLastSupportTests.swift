import Starling
import Testing

/// A convolution, ReLU and pooling as steps in `batchLast`, between tensors.
struct BatchLastCase: CustomTestStringConvertible, Sendable {
  enum Pooling: Hashable, Sendable {
    case none, fused
    case largest(size: Int, stride: Int)
    case mean(size: Int, stride: Int)
  }

  var batch = 1
  var channels = 1
  var height = 6
  var width = 6
  var depth = 1
  var kernelHeight = 3
  var kernelWidth = 3
  var stride = 1
  var padding = 0
  var bias = Convolution.Bias.perChannel
  var relu = true
  var pooling = Pooling.none
  /// Rows and columns of zeros that the activations have beyond what is needed.
  var slack = 0

  var testDescription: String {
    "\(batch)×\(channels)×\(height)×\(width), \(depth) of \(kernelHeight)×\(kernelWidth), "
      + "stride \(stride), padding \(padding), bias \(bias), relu \(relu), \(pooling), slack \(slack)"
  }

  /// The layers that do the same, one by one.
  var layers: [any Recipe] {
    let convolution = Convolution(
      depth: depth, kernelHeight: kernelHeight, kernelWidth: kernelWidth, stride: stride,
      padding: padding, bias: bias)
    let pool: (any Recipe)? =
      switch pooling {
      case .none: nil
      case .fused: MaxPooling(size: 2)
      case .largest(let size, let stride): MaxPooling(size: size, stride: stride)
      case .mean(let size, let stride): AveragePooling(size: size, stride: stride)
      }
    return [convolution] + (relu ? [ReLU()] : []) + (pool.map { [$0] } ?? [])
  }

  /// The steps of another batch size.
  func with(batch: Int) -> BatchLastCase {
    var other = self
    other.batch = batch
    return other
  }

  /// Cases of all kinds, drawn.
  static func random(_ count: Int, seed: UInt64) -> [BatchLastCase] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      var drawn = BatchLastCase()
      drawn.batch = 1 + random.index(below: 33)
      drawn.channels = 1 + random.index(below: 6)
      drawn.depth = 1 + random.index(below: 14)
      drawn.kernelHeight = 1 + random.index(below: 7)
      drawn.kernelWidth = 1 + random.index(below: 7)
      drawn.padding = random.index(below: 4)
      drawn.height = drawn.kernelHeight + 4 + random.index(below: 4)
      drawn.width = drawn.kernelWidth + 4 + random.index(below: 4)
      drawn.relu = random.index(below: 3) > 0
      drawn.slack = random.index(below: 3)
      switch random.index(below: 5) {
      case 0: drawn.pooling = .none
      case 1:
        drawn.pooling = .largest(
          size: 1 + random.index(below: 3), stride: 1 + random.index(below: 3))
      case 2:
        drawn.pooling = .mean(size: 1 + random.index(below: 3), stride: 1 + random.index(below: 3))
      default: drawn.pooling = .fused
      }
      let biases: [Convolution.Bias] = [.perChannel, .none, .perPosition]
      drawn.bias = biases[random.index(below: drawn.pooling == .fused ? 2 : 3)]
      drawn.stride = drawn.pooling == .fused ? 1 : 1 + random.index(below: 2)
      return drawn
    }
  }
}

extension InstructionSet {
  /// Those that this machine can run.
  static var supported: [InstructionSet] { allCases.filter(\.isSupported) }
}

/// A workspace for steps, with guards behind it.
final class BatchLastWorkspace {
  private let floats: UnsafeMutablePointer<Float>
  private let tensors: [UnsafeMutablePointer<Float>]
  private let table: UnsafeMutablePointer<UnsafeMutablePointer<Float>>
  private let count: Int

  init(_ layout: WorkspaceLayout, parameters: [Tensor]) {
    count = layout.count
    floats = .allocate(capacity: count + 64)
    floats.initialize(repeating: 0, count: count)
    (floats + count).initialize(repeating: 12_345, count: 64)
    tensors = parameters.map { tensor in
      let copy = UnsafeMutablePointer<Float>.allocate(capacity: max(1, tensor.count))
      for (index, element) in tensor.elements.enumerated() { copy[index] = element }
      return copy
    }
    table = .allocate(capacity: max(1, tensors.count))
    for (index, tensor) in tensors.enumerated() { table[index] = tensor }
  }

  deinit {
    floats.deallocate()
    tensors.forEach { $0.deallocate() }
    table.deallocate()
  }

  var memory: Memory { Memory(workspace: floats, parameters: table, gradients: nil) }

  /// Nobody wrote beyond the end.
  var isIntact: Bool { (count..<count + 64).allSatisfy { floats[$0] == 12_345 } }

  func write(_ tensor: Tensor, to slot: Slot) {
    for (index, element) in tensor.elements.enumerated() { memory[slot][index] = element }
  }

  func read(_ slot: Slot, _ shape: Shape) throws -> Tensor {
    try Tensor(shape, elements: (0..<shape.count).map { memory[slot][$0] })
  }

  func run(_ steps: [any Step], workers: Int) {
    let memory = memory
    ThreadPool.shared.run(workers: workers) { worker in
      for step in steps {
        step.run(memory, worker)
        worker.barrier()
      }
    }
  }
}

/// What the steps of a case make of a batch.
struct BatchLastRun {
  let y: Tensor

  init(
    _ c: BatchLastCase, x: Tensor, parameters: Parameters, workers: Int = 1,
    set: InstructionSet = .current
  ) throws {
    var layout = WorkspaceLayout()
    let rows = layout.activation(
      .rows, batch: c.batch, channels: c.channels, height: c.height, width: c.width)
    let images = layout.activation(
      .batchLast, batch: c.batch, channels: c.channels, height: c.height, width: c.width,
      border: c.padding + c.slack)
    var steps: [any Step] = [BatchLastConversion(from: rows, to: images, set: set)]
    let convolution = BatchLastConvolution(
      x: images, depth: c.depth, kernelHeight: c.kernelHeight, kernelWidth: c.kernelWidth,
      stride: c.stride, padding: c.padding, bias: c.bias)
    let packing = BatchLastPacking(convolution, weight: 0, backward: nil, in: &layout)
    steps.append(packing)
    let bias = c.bias == .none ? nil : 1
    func output(_ height: Int, _ width: Int) -> Activation {
      layout.activation(
        .batchLast, batch: c.batch, channels: c.depth, height: height, width: width, border: c.slack
      )
    }
    var last: Activation
    if c.pooling == .fused {
      last = output(convolution.outputHeight / 2, convolution.outputWidth / 2)
      steps.append(
        BatchLastPooledForward(
          convolution, kernels: packing.forward, bias: bias, relu: c.relu, y: last,
          isTraining: true, in: &layout, set: set))
    } else {
      last = output(convolution.outputHeight, convolution.outputWidth)
      steps.append(
        BatchLastForward(
          convolution, kernels: packing.forward, bias: bias, relu: c.relu, y: last, set: set))
    }
    func pool(_ kind: BatchLastPooling.Kind, _ size: Int, _ stride: Int) {
      let y = output((last.height - size) / stride + 1, (last.width - size) / stride + 1)
      let pooling = BatchLastPooling(kind, size: size, stride: stride, x: last, y: y)
      steps.append(BatchLastPoolingForward(pooling, set: set))
      last = y
    }
    switch c.pooling {
    case .none, .fused: break
    case .largest(let size, let stride): pool(.largest, size, stride)
    case .mean(let size, let stride): pool(.mean, size, stride)
    }
    let result = layout.activation(
      .rows, batch: c.batch, channels: c.depth, height: last.height, width: last.width)
    steps.append(BatchLastConversion(from: last, to: result, set: set))

    let workspace = BatchLastWorkspace(layout, parameters: parameters.tensors)
    workspace.write(x, to: rows.slot)
    // Twice, as a plan does: nothing may be left over from the first time.
    for _ in 0..<2 { workspace.run(steps, workers: workers) }
    #expect(workspace.isIntact)
    y = try workspace.read(result.slot, [c.batch, c.depth, last.height, last.width])
  }
}

/// What the layers of a case make of a batch, one by one.
struct BatchLastExpectation {
  let parameters: Parameters
  let x, y, dY, dX: Tensor
  let gradients: Parameters

  init(_ c: BatchLastCase, seed: UInt64 = 1) throws {
    let inputShape: Shape = [c.channels, c.height, c.width]
    let convolution = c.layers[0]
    var drawn: [String: Tensor] = [:]
    for specification in convolution.parameterSpecifications(for: inputShape) {
      drawn[specification.name] = Tensor.random(specification.shape, seed: seed + 1, scale: 0.3)
    }
    parameters =
      c.bias == .none
      ? Parameters(["weight": drawn["weight"] ?? Tensor(zeros: [0])])
      : Parameters([
        "weight": drawn["weight"] ?? Tensor(zeros: [0]),
        "bias": drawn["bias"] ?? Tensor(zeros: [0]),
      ])
    x = Tensor.random([c.batch, c.channels, c.height, c.width], seed: seed)
    var inputs = [x]
    for (position, layer) in c.layers.enumerated() {
      let x = inputs[position]
      let shape = try layer.outputShape(for: x.shape.withoutBatch).batched(c.batch)
      let run = try LayerRun(
        layer, position == 0 ? parameters : .none, x: x, dY: Tensor(zeros: shape))
      inputs.append(run.y)
    }
    y = inputs[inputs.count - 1]
    dY = Tensor.random(y.shape, seed: seed + 2)
    var (gradient, learned) = (dY, Parameters.none)
    for (position, layer) in c.layers.enumerated().reversed() {
      let run = try LayerRun(
        layer, position == 0 ? parameters : .none, x: inputs[position], dY: gradient)
      gradient = run.dX
      learned = run.gradients
    }
    dX = gradient
    gradients = learned
  }
}

extension Tensor {
  /// The largest difference from another tensor, over its largest number.
  func relativeError(from expected: Tensor) throws -> Float {
    try #require(shape == expected.shape)
    let largest = expected.elements.reduce(0) { max($0, abs($1)) }
    let differences = zip(elements, expected.elements).map { abs($0 - $1) }
    try #require(differences.allSatisfy { $0.isFinite })
    return (differences.max() ?? 0) / (largest > 0 ? largest : 1)
  }
}
