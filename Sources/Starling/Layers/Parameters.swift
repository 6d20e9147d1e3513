/// The tensors that a layer learns or keeps account of, by the names that PyTorch gives them.
///
/// A gradient has the same type as what it is the gradient of: dE/dK has the shape of K.
public struct Parameters: Hashable, Sendable {
  /// How a tensor comes by its numbers.
  public enum Kind: Hashable, Sendable {
    /// It is learned: an ``Optimizer`` changes it by its gradient.
    case learned
    /// It is a statistic of what a layer has seen, such as ``BatchNormalization``'s running mean. No
    /// optimizer touches it. What `backward` adds to its place in the gradient is taken off it as it is,
    /// θ ← θ − gradient, when the whole pass is over.
    case statistic
  }

  /// The names, in the order in which a layer declares them: `weight`, `bias`.
  public let names: [String]
  /// Which tensors are learned, in the order of their names.
  public let kinds: [Kind]
  /// The tensors, in the order of their names.
  public var tensors: [Tensor]

  /// The parameters of a layer that learns nothing.
  public static let none = Parameters([:])

  /// Parameters with the given names and tensors.
  ///
  /// Which of them are statistics is up to the layer that is built with them.
  public init(_ named: KeyValuePairs<String, Tensor>) {
    names = named.map(\.key)
    kinds = named.map { _ in .learned }
    tensors = named.map(\.value)
  }

  /// Parameters as they are specified; the maker vouches that there is a tensor for each.
  init(_ specifications: [ParameterSpecification], tensors: [Tensor]) {
    names = specifications.map(\.name)
    kinds = specifications.map(\.kind)
    self.tensors = tensors
  }

  /// These parameters with other tensors in the same places.
  private init(_ layout: Parameters, tensors: [Tensor]) {
    names = layout.names
    kinds = layout.kinds
    self.tensors = tensors
  }

  /// The tensor of a name that the layer declares.
  public subscript(name: String) -> Tensor {
    get { tensors[position(of: name)] }
    _modify { yield &tensors[position(of: name)] }
  }

  /// Zeros of the same names and shapes: where a gradient starts.
  public var zeros: Parameters {
    Parameters(self, tensors: tensors.map { Tensor(zeros: $0.shape) })
  }

  /// Whether names and shapes are another's: whether one can be the gradient of the other.
  func hasLayout(of other: Parameters) -> Bool {
    names == other.names && zip(tensors, other.tensors).allSatisfy { $0.shape == $1.shape }
  }

  /// How many numbers there are in all tensors together.
  public var count: Int { tensors.reduce(0) { $0 + $1.count } }

  /// How many numbers can be learned: ``count`` without the statistics.
  public var learnedCount: Int {
    zip(kinds, tensors).reduce(0) { $1.0 == .learned ? $0 + $1.1.count : $0 }
  }

  /// Sets all numbers to zero, in place.
  mutating func clear() {
    for index in tensors.indices {
      let count = tensors[index].count
      tensors[index].withMutableElements { $0.update(repeating: 0, count: count) }
    }
  }

  private func position(of name: String) -> Int {
    guard let position = names.firstIndex(of: name) else {
      preconditionFailure("there is no parameter named \(name) among \(names)")
    }
    return position
  }
}

/// What a layer says of one of its parameters before the numbers exist.
public struct ParameterSpecification: Hashable, Sendable {
  /// The name: `weight`, `bias`.
  public let name: String
  /// The shape.
  public let shape: Shape
  /// The standard deviation of the normal distribution that the first numbers are drawn from; 0
  /// makes them all the mean.
  public let standardDeviation: Double
  /// The mean of that distribution.
  public let mean: Double
  /// Whether it is learned.
  public let kind: Parameters.Kind
  /// What none of the numbers can be below: 0 for a variance, -∞ for what may be any number.
  public let least: Float

  /// A specification with the given parts.
  public init(
    _ name: String, _ shape: Shape, standardDeviation: Double, mean: Double = 0,
    kind: Parameters.Kind = .learned, least: Float = -.infinity
  ) {
    self.name = name
    self.shape = shape
    self.standardDeviation = standardDeviation
    self.mean = mean
    self.kind = kind
    self.least = least
  }

  /// The first of a tensor's numbers that is below the least that it can be, if there is one.
  func numberBelowLeast(in tensor: Tensor) -> Float? { tensor.elements.first { $0 < least } }

  /// The first numbers.
  func draw(using random: inout some RandomNumberGenerator) -> Tensor {
    guard standardDeviation > 0 else { return Tensor(shape, filledWith: Float(mean)) }
    return Tensor(uninitialized: shape) { element in
      for index in 0..<shape.count {
        element[index] = Float(mean + random.normal() * standardDeviation)
      }
    }
  }

  /// The usual first weights: drawn with the standard deviation 1/√inputs.
  ///
  /// A sum over `inputs` terms then has about the size of one of them, and a sigmoid behind it is
  /// where its slope is. With the deck's plain N(0, 1) the 3,380 inputs of its dense layer add up to
  /// sums around ±20, where the sigmoid is flat. Source: Y. LeCun, L. Bottou, G. Orr, K.-R. Müller,
  /// "Efficient BackProp" (1998), section 4.6.
  public static func weight(_ shape: Shape, inputs: Int) -> ParameterSpecification {
    ParameterSpecification("weight", shape, standardDeviation: 1 / Double(inputs).squareRoot())
  }

  /// A bias, which starts at zero.
  public static func bias(_ shape: Shape) -> ParameterSpecification {
    ParameterSpecification("bias", shape, standardDeviation: 0)
  }
}
