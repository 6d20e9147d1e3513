/// A chain of layers: an image goes in, scores come out.
///
///     var network = try Network(input: [1, 28, 28], seed: 1) {
///       Convolution(depth: 5, kernelSize: 3, bias: .perPosition)
///       Sigmoid()
///       Flatten()
///       Dense(100)
///       Sigmoid()
///       Dense(2)
///       Sigmoid()
///     }
///     let answer = try network.predict(image)
///
/// Sizes that follow from others are worked out; sizes that are given are checked. A network is a value:
/// copy it, send it to another thread, compare it with another. A pass never changes it.
public struct Network: Sendable {
  /// The shape of one input, without the batch axis.
  public let inputShape: Shape
  /// The layers, first to last.
  public internal(set) var layers: [any Layer] {
    didSet { version = ParameterVersion() }
  }
  /// What the outputs stand for; `nil` until training, or you, name them.
  public var classNames: [String]?
  /// How a picture becomes an input, if training said so.
  public var preprocessing: Preprocessing?

  /// Whether algorithms that round more than the formula does are avoided, at some cost in speed.
  ///
  /// Winograd's F(4×4, 3×3) is the one: its outputs differ from the formula's by 4·10⁻⁶ to 1.2·10⁻⁵ of
  /// their spread, where all others differ by 3·10⁻⁶ at most.
  public var isExact = false
  /// Which numbers the parameters hold.
  var version = ParameterVersion()
  /// Plans made for this network and its copies.
  private(set) var plans = PlanCache()

  /// A network whose first parameters are drawn from a generator of `seed`.
  ///
  /// - Throws: ``ShapeError`` naming the first layer that cannot take what comes to it.
  public init(
    input: Shape, seed: UInt64, @NetworkBuilder _ recipes: () -> [any Recipe]
  ) throws(ShapeError) {
    try self.init(input: input, seed: seed, recipes: recipes())
  }

  /// A network of a list of layers, with parameters drawn from a generator of `seed`.
  ///
  /// - Throws: ``ShapeError`` naming the first layer that cannot take what comes to it.
  public init(input: Shape, seed: UInt64, recipes: [any Recipe]) throws(ShapeError) {
    var random = SeededGenerator(seed: seed)
    let shapes = try Network.inputShapes(of: recipes, input: input)
    try self.init(
      input: input, recipes: recipes,
      parameters: zip(recipes, shapes).map { $0.initialParameters(for: $1, using: &random) })
  }

  /// A network of a list of layers with given parameters.
  ///
  /// - Throws: ``ShapeError`` naming the first layer that cannot take what comes to it, or whose
  ///   parameters are not what it specifies.
  public init(
    input: Shape, recipes: [any Recipe], parameters: [Parameters]
  ) throws(ShapeError) {
    let shapes = try Network.inputShapes(of: recipes, input: input)
    guard parameters.count == recipes.count else {
      throw ShapeError(
        place: "network", axis: "parameters", expected: "\(recipes.count), one for each layer",
        found: "\(parameters.count)", remedy: "give Parameters.none for a layer without any")
    }
    inputShape = input
    layers = []
    for (position, recipe) in recipes.enumerated() {
      do {
        layers.append(try recipe.build(for: shapes[position], parameters: parameters[position]))
      } catch {
        throw error.located(at: Network.place(recipe, position))
      }
    }
  }

  /// What comes to each layer, none of which exists yet.
  ///
  /// - Throws: ``ShapeError`` naming the first layer that cannot take what comes to it.
  static func inputShapes(of recipes: [any Recipe], input: Shape) throws(ShapeError) -> [Shape] {
    guard input.isUsable else {
      throw ShapeError(
        place: "network", axis: "input", expected: Shape.usable, found: "\(input)",
        remedy: "an image is [depth, height, width]")
    }
    guard !recipes.isEmpty else {
      throw ShapeError(
        place: "network", axis: "layers", expected: "1 or more", found: "0",
        remedy: "write at least one layer between the braces")
    }
    var shapes = [input]
    for (position, recipe) in recipes.enumerated() {
      do {
        shapes.append(try recipe.checkedOutputShape(for: shapes[position]))
      } catch {
        throw error.located(at: place(recipe, position))
      }
    }
    return shapes.dropLast()
  }

  private static func place(_ recipe: any Recipe, _ position: Int) -> String {
    "layer \(position) (\(recipe.name))"
  }

  /// The shape of one output, without the batch axis.
  public var outputShape: Shape { layers.last?.outputShape ?? inputShape }

  /// What was asked for, layer by layer.
  public var recipes: [any Recipe] { layers.map(\.recipe) }

  /// What has been learned, layer by layer.
  public var parameters: [Parameters] { layers.map(\.parameters) }

  /// What each output is called: its class, or its number while classes have no names.
  public var outputNames: [String] { classNames ?? (0..<outputShape.count).map(String.init) }

  /// How many numbers can be learned.
  public var parameterCount: Int { layers.reduce(0) { $0 + $1.parameters.learnedCount } }

  /// Layer `position` as messages name it: `layer 3 (Dense)`.
  public func place(ofLayer position: Int) -> String {
    Network.place(layers[position].recipe, position)
  }

  /// The outputs for a batch.
  ///
  /// - Parameters:
  ///   - x: The inputs, `[batch] + inputShape`.
  ///   - threads: The threads that may work on it; the result is the same for any number.
  /// - Returns: The outputs, `[batch] + outputShape`. Each sample's are the same, bit for bit,
  ///   whatever batch it comes in.
  /// - Throws: ``ShapeError`` when the inputs have another shape.
  public func callAsFunction(
    _ x: Tensor, threads: Threads = .available
  ) throws(ShapeError) -> Tensor {
    try check(x)
    if let y = plannedOutputs(of: x, depth: layers.count, threads: threads) { return y }
    return outputs(of: x, upTo: layers.count, Pass(.inference, threads: threads))
  }

  /// The output of each layer for a batch, first to last, computed layer by layer.
  ///
  /// The last differs from the network's own output by rounding: that one is computed by a plan.
  ///
  /// - Throws: ``ShapeError`` when the inputs have another shape.
  public func activations(
    _ x: Tensor, threads: Threads = .available
  ) throws(ShapeError) -> [Tensor] {
    try check(x)
    var activations: [Tensor] = []
    let pass = Pass(.inference, threads: threads)
    for position in layers.indices {
      activations.append(forward(activations.last ?? x, through: position, pass).y)
    }
    return activations
  }

  /// What the network says of one image.
  ///
  /// - Parameter image: An image of the network's input shape, as `dataset[0].image` is.
  /// - Returns: The best class, its score, and all scores.
  /// - Throws: ``ShapeError`` when the image has another shape, or there are not as many class names
  ///   as outputs.
  public func predict(_ image: Tensor) throws(ShapeError) -> Prediction {
    guard image.shape == inputShape else {
      throw ShapeError(
        place: "network", axis: "image", expected: "\(inputShape)", found: "\(image.shape)",
        remedy: "bring the image to the network's input shape")
    }
    guard outputNames.count == outputShape.count else {
      throw ShapeError(
        place: "network", axis: "class names",
        expected: "\(outputShape.count), one for each output", found: "\(outputNames.count)",
        remedy: "set classNames to as many, or to nil")
    }
    let batch = Tensor(unchecked: inputShape.batched(1), image.elements)
    return Prediction(scores: try self(batch).elements, classNames: outputNames)
  }

  // MARK: - Training

  /// The outputs of the first `count` layers.
  func outputs(of x: Tensor, upTo count: Int, _ pass: Pass) -> Tensor {
    var y = x
    for position in 0..<count { y = forward(y, through: position, pass).y }
    return y
  }

  /// The outputs of the first `count` layers, and what each keeps for the way back.
  func forward(_ x: Tensor, upTo count: Int, _ pass: Pass) -> (y: Tensor, caches: [any Sendable]) {
    var y = x
    var caches: [any Sendable] = []
    for position in 0..<count {
      let cache: any Sendable
      (y, cache) = forward(y, through: position, pass)
      caches.append(cache)
    }
    return (y, caches)
  }

  /// Carries dE/dY back through the layers that left `caches`, adding to their gradients.
  func backward(
    _ dY: Tensor, _ caches: [any Sendable], accumulatingInto gradients: inout [Parameters],
    _ pass: Pass
  ) -> Tensor {
    var gradient = dY
    for position in caches.indices.reversed() {
      let batch = gradient.shape[0]
      gradient = layers[position].backwardErased(
        gradient, caches[position], accumulatingInto: &gradients[position],
        pass.reaching(layer: position))
      require(gradient, layers[position].inputShape.batched(batch), from: position)
    }
    return gradient
  }

  /// The output of one layer, and what it keeps for the way back.
  func forward(
    _ x: Tensor, through position: Int, _ pass: Pass
  ) -> (y: Tensor, cache: any Sendable) {
    let (y, cache) = layers[position].forwardErased(x, pass.reaching(layer: position))
    require(y, layers[position].outputShape.batched(x.shape[0]), from: position)
    return (y, cache)
  }

  /// That a layer, which may be a user's own, gave what it said that it would: the next one trusts it.
  private func require(_ tensor: Tensor, _ shape: Shape, from position: Int) {
    precondition(
      tensor.shape == shape, "\(place(ofLayer: position)) has to give \(shape), not \(tensor.shape)"
    )
  }

  /// Lets an optimizer change each tensor that is learned by its gradient, and moves each statistic.
  mutating func update(by optimizer: inout any Optimizer, with gradients: [Parameters]) {
    var position = 0
    for layer in layers.indices {
      for (tensor, kind) in gradients[layer].kinds.enumerated() {
        let gradient = gradients[layer].tensors[tensor]
        switch kind {
        case .learned:
          optimizer.update(
            &layers[layer].parameters.tensors[tensor], with: gradient, at: position)
          position += 1
        case .statistic:
          layers[layer].parameters.tensors[tensor].add(-1, times: gradient)
        }
      }
    }
  }

  /// That a tensor is a batch of inputs.
  func check(_ x: Tensor) throws(ShapeError) {
    guard x.shape.rank == inputShape.rank + 1, x.shape.withoutBatch == inputShape, x.shape[0] > 0
    else {
      throw ShapeError(
        place: "network", axis: "input", expected: "batch×\(inputShape)", found: "\(x.shape)",
        remedy: "put the batch axis first, even for one image")
    }
  }
}

extension Network: Equatable {
  /// Whether two networks have the same layers, parameters, class names and preprocessing.
  public static func == (one: Network, other: Network) -> Bool {
    one.inputShape == other.inputShape && one.classNames == other.classNames
      && one.preprocessing == other.preprocessing && one.parameters == other.parameters
      && one.recipes.map { AnyHashable($0) } == other.recipes.map { AnyHashable($0) }
  }
}

extension Layer {
  /// ``forward(_:_:)`` for a caller that does not know which layer this is.
  fileprivate func forwardErased(_ x: Tensor, _ pass: Pass) -> (Tensor, any Sendable) {
    forward(x, pass)
  }

  /// ``backward(_:_:accumulatingInto:_:)`` for a caller that does not know which layer this is.
  fileprivate func backwardErased(
    _ dY: Tensor, _ cache: any Sendable, accumulatingInto gradient: inout Parameters, _ pass: Pass
  ) -> Tensor {
    guard let cache = cache as? Cache else {
      preconditionFailure("the cache handed to \(recipe.name) is another layer's")
    }
    return backward(dY, cache, accumulatingInto: &gradient, pass)
  }
}
