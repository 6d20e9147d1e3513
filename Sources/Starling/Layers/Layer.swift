/// What a user writes and a model file stores: a layer before its sizes are known.
///
///     Convolution(depth: 5, kernelSize: 3)
///
/// A layer of your own is a recipe of your own: say what shape comes out, which parameters there are,
/// and which ``Layer`` does the work.
public protocol Recipe: Codable, Hashable, Sendable {
  /// The shape that comes out when `input` goes in, both without the batch axis.
  ///
  /// - Throws: ``ShapeError`` when the layer cannot take such an input.
  func outputShape(for input: Shape) throws(ShapeError) -> Shape

  /// The parameters that the layer learns or keeps account of; none unless a recipe says otherwise.
  ///
  /// It is asked only for inputs that ``outputShape(for:)`` accepts.
  func parameterSpecifications(for input: Shape) -> [ParameterSpecification]

  /// The layer itself, for parameters of just the names and shapes that were specified.
  func layer(for input: Shape, parameters: Parameters) -> any Layer
}

extension Recipe {
  /// No parameters.
  public func parameterSpecifications(for input: Shape) -> [ParameterSpecification] { [] }

  /// The name by which errors, tables and model files call this layer: `Convolution`.
  public var name: String { String(describing: Self.self) }

  /// The layer for an input shape, with its first parameters drawn from `random`.
  ///
  /// - Throws: ``ShapeError`` when the layer cannot take such an input.
  public func build(
    for input: Shape, using random: inout some RandomNumberGenerator
  ) throws(ShapeError) -> any Layer {
    _ = try checkedOutputShape(for: input)
    return layer(for: input, parameters: initialParameters(for: input, using: &random))
  }

  /// The layer for an input shape, with the given parameters.
  ///
  /// - Throws: ``ShapeError`` when the layer cannot take such an input, or when a parameter is
  ///   missing, unknown, of another shape, or has a number that it cannot have.
  public func build(for input: Shape, parameters: Parameters) throws(ShapeError) -> any Layer {
    _ = try checkedOutputShape(for: input)
    let specifications = parameterSpecifications(for: input)
    guard parameters.names == specifications.map(\.name) else {
      throw ShapeError(
        place: name, axis: "parameters", expected: "\(specifications.map(\.name))",
        found: "\(parameters.names)", remedy: "give each parameter once, in this order")
    }
    for (specification, tensor) in zip(specifications, parameters.tensors) {
      guard specification.shape == tensor.shape else {
        throw ShapeError(
          place: name, axis: specification.name, expected: "\(specification.shape)",
          found: "\(tensor.shape)", remedy: "give a tensor of the expected shape")
      }
      if let number = specification.numberBelowLeast(in: tensor) {
        throw ShapeError(
          place: name, axis: specification.name,
          expected: "numbers of \(specification.least) or more", found: "\(number)",
          remedy: "give numbers that the layer can have come to")
      }
    }
    return layer(
      for: input, parameters: Parameters(specifications, tensors: parameters.tensors))
  }

  /// The first parameters, drawn as they are specified.
  func initialParameters(
    for input: Shape, using random: inout some RandomNumberGenerator
  ) -> Parameters {
    let specifications = parameterSpecifications(for: input)
    return Parameters(specifications, tensors: specifications.map { $0.draw(using: &random) })
  }

  /// ``outputShape(for:)``, and that neither input nor output nor a parameter is larger than a tensor
  /// can be.
  func checkedOutputShape(for input: Shape) throws(ShapeError) -> Shape {
    guard input.isUsable else {
      throw ShapeError(
        place: name, axis: "input", expected: Shape.usable, found: "\(input)",
        remedy: "give it an input that a tensor can hold")
    }
    let output = try outputShape(for: input)
    for (axis, shape) in [("output", output)]
      + parameterSpecifications(for: input).map({ ($0.name, $0.shape) })
    where !shape.isUsable {
      throw ShapeError(
        place: name, axis: axis, expected: Shape.usable, found: "\(shape)",
        remedy: "make the layer smaller")
    }
    return output
  }
}

/// What a ``Recipe`` becomes once its input's shape is known.
///
/// A layer is a value. Neither pass changes it: `forward` hands what `backward` will need to its
/// caller, and `backward` computes gradients, which an ``Optimizer`` applies when the whole pass is
/// over.
public protocol Layer: Sendable {
  /// What backward needs from forward. The caller keeps it.
  associatedtype Cache: Sendable

  /// What was asked for.
  var recipe: any Recipe { get }
  /// The shape of one input, without the batch axis.
  var inputShape: Shape { get }
  /// The shape of one output, without the batch axis.
  var outputShape: Shape { get }
  /// What the layer has learned.
  var parameters: Parameters { get set }

  /// The output for a batch of inputs.
  ///
  /// - Parameters:
  ///   - x: The inputs, `[batch] + inputShape`.
  ///   - pass: Whether this is training, and on how many threads it may run.
  /// - Returns: The outputs, `[batch] + outputShape`, and what ``backward(_:_:accumulatingInto:_:)``
  ///   will need.
  func forward(_ x: Tensor, _ pass: Pass) -> (y: Tensor, cache: Cache)

  /// The gradients for a batch.
  ///
  /// - Parameters:
  ///   - dY: dE/dY, the gradient of the error with respect to the outputs, `[batch] + outputShape`.
  ///   - cache: What forward left.
  ///   - gradient: The sum of gradients with respect to the parameters, to which this batch's is added;
  ///     in the place of a statistic, how far it is to go down.
  ///   - pass: The pass that forward was given.
  /// - Returns: dE/dX, `[batch] + inputShape`.
  func backward(
    _ dY: Tensor, _ cache: Cache, accumulatingInto gradient: inout Parameters, _ pass: Pass
  ) -> Tensor
}

extension Layer {
  /// That a tensor is a batch of the given shape, before a kernel trusts it; and of as many as
  /// `other`, if there is one.
  func expect(_ tensor: Tensor, _ shape: Shape, asManyAs other: Tensor? = nil) {
    precondition(
      tensor.shape.rank == shape.rank + 1 && tensor.shape.withoutBatch == shape,
      "\(recipe.name) takes batch×\(shape), not \(tensor.shape)")
    precondition(
      other.map { $0.shape[0] == tensor.shape[0] } ?? true,
      "\(recipe.name) takes the gradient of as many samples as went forward")
  }

  /// Nothing to learn.
  public var parameters: Parameters {
    get { .none }
    set { precondition(newValue == .none, "\(recipe.name) has no parameters") }
  }
}

/// The circumstances of one pass through a network: they are arguments, never globals.
public struct Pass: Sendable {
  /// What the pass is for.
  public enum Mode: Hashable, Sendable {
    /// Learning. A layer that draws random numbers draws them from a generator of this seed, which
    /// differs from step to step and from layer to layer.
    case training(seed: UInt64)
    /// Answering: the same input gives the same output.
    case inference
  }

  /// What the pass is for.
  public var mode: Mode
  /// The threads that may work on it.
  public var threads: Threads

  /// A pass of the given mode.
  public init(_ mode: Mode, threads: Threads = .available) {
    self.mode = mode
    self.threads = threads
  }

  /// This pass as a layer at a position in a network sees it.
  func reaching(layer position: Int) -> Pass {
    guard case .training(let seed) = mode else { return self }
    var seeds = SeededGenerator(seed: seed, stream: UInt64(position))
    return Pass(.training(seed: seeds.next()), threads: threads)
  }
}
