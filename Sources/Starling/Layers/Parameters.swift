/// The tensors that a layer learns, by the names that PyTorch gives them.
///
/// A gradient has the same type as what it is the gradient of: dE/dK has the shape of K.
public struct Parameters: Hashable, Sendable {
  /// The names, in the order in which a layer declares them: `weight`, `bias`.
  public let names: [String]
  /// The tensors, in the order of their names.
  public var tensors: [Tensor]

  /// The parameters of a layer that learns nothing.
  public static let none = Parameters([:])

  /// Parameters with the given names and tensors.
  public init(_ named: KeyValuePairs<String, Tensor>) {
    names = named.map(\.key)
    tensors = named.map(\.value)
  }

  /// Parameters whose maker vouches that there is a tensor for each name.
  init(names: [String], tensors: [Tensor]) {
    self.names = names
    self.tensors = tensors
  }

  /// The tensor of a name that the layer declares.
  public subscript(name: String) -> Tensor {
    get { tensors[position(of: name)] }
    _modify { yield &tensors[position(of: name)] }
  }

  /// Zeros of the same names and shapes: where a gradient starts.
  public var zeros: Parameters {
    Parameters(names: names, tensors: tensors.map { Tensor(zeros: $0.shape) })
  }

  /// Whether names and shapes are another's: whether one can be the gradient of the other.
  func hasLayout(of other: Parameters) -> Bool {
    names == other.names && zip(tensors, other.tensors).allSatisfy { $0.shape == $1.shape }
  }

  /// How many numbers there are in all tensors together.
  public var count: Int { tensors.reduce(0) { $0 + $1.count } }

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
  /// makes them all zero.
  public let standardDeviation: Double

  /// A specification with the given parts.
  public init(_ name: String, _ shape: Shape, standardDeviation: Double) {
    self.name = name
    self.shape = shape
    self.standardDeviation = standardDeviation
  }

  /// The first numbers.
  func draw(using random: inout some RandomNumberGenerator) -> Tensor {
    guard standardDeviation > 0 else { return Tensor(zeros: shape) }
    return Tensor(uninitialized: shape) { element in
      for index in 0..<shape.count {
        element[index] = Float(random.normal() * standardDeviation)
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
