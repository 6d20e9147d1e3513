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
  let y, dX, weightGradient: Tensor
  let biasGradient: Tensor?

  init(
    _ c: BatchLastCase, x: Tensor, dY: Tensor? = nil, parameters: Parameters, workers: Int = 1,
    set: InstructionSet = .current
  ) throws {
    var steps = BatchLastSteps(c, set)
    steps.forward()
    steps.backward()
    let workspace = BatchLastWorkspace(steps.layout, parameters: parameters.tensors)
    workspace.write(x, to: steps.rows.slot)
    if let dY { workspace.write(dY, to: steps.result.slot) }
    // Twice, as a plan does: nothing may be left over from the first time.
    for _ in 0..<2 { workspace.run(steps.forwardSteps, workers: workers) }
    y = try workspace.read(steps.answer.slot, c.outputShape)
    for _ in 0..<2 { workspace.run(steps.backwardSteps, workers: workers) }
    #expect(workspace.isIntact)
    dX = try workspace.read(steps.dX.slot, x.shape)
    weightGradient = try workspace.read(steps.weightGradient, parameters["weight"].shape)
    biasGradient = try steps.biasGradient.map { try workspace.read($0, parameters["bias"].shape) }
  }
}

extension BatchLastCase {
  /// The shape of the outputs.
  var outputShape: Shape {
    get throws {
      var shape: Shape = [channels, height, width]
      for layer in layers { shape = try layer.outputShape(for: shape) }
      return shape.batched(batch)
    }
  }
}

/// The steps of a case, planned one by one.
struct BatchLastSteps {
  let c: BatchLastCase
  let set: InstructionSet
  var layout = WorkspaceLayout()
  var forwardSteps: [any Step] = []
  var backwardSteps: [any Step] = []
  /// The input and the output in rows, and the gradients of both: that of the output goes to `result`.
  let rows: Activation
  private(set) var answer, result, dX: Activation
  private(set) var weightGradient: Slot
  private(set) var biasGradient: Slot?

  private let convolution: BatchLastConvolution
  private let packing: BatchLastPacking
  /// The convolution's outputs, pooled where that is one step.
  private(set) var y: Activation
  private var pooling: PoolingForward?
  private var winners: PoolingWinners?

  init(_ c: BatchLastCase, _ set: InstructionSet) {
    self.c = c
    self.set = set
    rows = layout.activation(
      .rows, batch: c.batch, channels: c.channels, height: c.height, width: c.width)
    let images = layout.activation(
      .batchLast, batch: c.batch, channels: c.channels, height: c.height, width: c.width,
      border: c.padding + c.slack)
    convolution = BatchLastConvolution(
      x: images, depth: c.depth, kernelHeight: c.kernelHeight, kernelWidth: c.kernelWidth,
      stride: c.stride, padding: c.padding, bias: c.bias)
    packing = BatchLastPacking(
      convolution, weight: 0, backward: c.pooling == .fused ? .byWinner : .turned, in: &layout)
    forwardSteps = [BatchLastConversion(from: rows, to: images, set: set), packing]
    weightGradient = layout.slot(c.depth * c.channels * c.kernelHeight * c.kernelWidth)
    (answer, result, dX, y) = (rows, rows, rows, rows)
  }

  private mutating func activation(_ channels: Int, _ height: Int, _ width: Int, border: Int)
    -> Activation
  {
    layout.activation(
      .batchLast, batch: c.batch, channels: channels, height: height, width: width, border: border)
  }

  private mutating func rows(_ channels: Int, _ height: Int, _ width: Int) -> Activation {
    layout.activation(.rows, batch: c.batch, channels: channels, height: height, width: width)
  }

  mutating func forward() {
    let (height, width) = (convolution.outputHeight, convolution.outputWidth)
    let bias = c.bias == .none ? nil : 1
    var last: Activation
    if c.pooling == .fused {
      y = activation(c.depth, height / 2, width / 2, border: c.slack)
      let step = BatchLastPooledForward(
        convolution, kernels: packing.forward, bias: bias, relu: c.relu, y: y, isTraining: true,
        in: &layout, set: set)
      winners = step.winners
      forwardSteps.append(step)
      last = y
    } else {
      y = activation(c.depth, height, width, border: c.slack)
      forwardSteps.append(
        BatchLastForward(
          convolution, kernels: packing.forward, bias: bias, relu: c.relu, y: y, set: set))
      last = y
    }
    let window: (kind: PoolingWindow.Kind, size: Int, stride: Int)? =
      switch c.pooling {
      case .none, .fused: nil
      case .largest(let size, let stride): (.max, size, stride)
      case .mean(let size, let stride): (.average, size, stride)
      }
    if let window {
      let pooled = activation(
        c.depth, (height - window.size) / window.stride + 1,
        (width - window.size) / window.stride + 1, border: c.slack)
      let step = PoolingForward(
        PoolingWindow(window.kind, size: window.size, stride: window.stride), x: y.inChannelsLast,
        y: pooled.inChannelsLast, isTraining: true, in: &layout, for: set)
      forwardSteps.append(step)
      pooling = step
      last = pooled
    }
    answer = rows(c.depth, last.height, last.width)
    forwardSteps.append(BatchLastConversion(from: last, to: answer, set: set))
  }

  mutating func backward() {
    let (height, width) = (answer.height, answer.width)
    result = rows(c.depth, height, width)
    // Gradients may have other borders than what they are gradients of.
    var dY = activation(c.depth, height, width, border: c.slack == 1 ? 0 : c.slack)
    backwardSteps.append(BatchLastConversion(from: result, to: dY, set: set))
    if let pooling {
      let dX = activation(c.depth, y.height, y.width, border: c.slack)
      backwardSteps.append(
        PoolingBackward(
          of: pooling, dY: dY.inChannelsLast, dX: dX.inChannelsLast, workers: 8, in: &layout,
          for: set))
      dY = dX
    }
    biasGradient =
      switch c.bias {
      case .none: nil
      case .perChannel: layout.slot(c.depth)
      case .perPosition: layout.slot(c.depth * y.height * y.width)
      }
    backwardSteps.append(
      BatchLastOutputGradient(
        convolution, dY: dY, relu: c.relu ? y : nil, gradient: biasGradient, set: set))
    backwardSteps.append(
      BatchLastKernelGradient(
        convolution, dY: dY, winners: winners, gradient: weightGradient, in: &layout, set: set))
    let images = activation(c.channels, c.height, c.width, border: c.padding + c.slack)
    guard let kernels = packing.backward else { return }
    if let winners {
      backwardSteps.append(
        BatchLastPooledInputGradient(
          convolution, dY: dY, winners: winners, kernels: kernels, dX: images, set: set))
    } else {
      let spread = BatchLastSpread(convolution, dY: dY, in: &layout)
      backwardSteps.append(spread)
      backwardSteps.append(
        BatchLastInputGradient(
          convolution, spread: spread.spread, kernels: kernels, dX: images, set: set))
    }
    dX = rows(c.channels, c.height, c.width)
    backwardSteps.append(BatchLastConversion(from: images, to: dX, set: set))
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
