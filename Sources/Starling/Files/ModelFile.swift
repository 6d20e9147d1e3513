import Foundation

/// A network in one safetensors file: its weights as tensors, and everything else as metadata.
///
/// Tensors are named by layer position as PyTorch's `Sequential` names them: `0.weight`, `0.bias`,
/// `3.weight`. The metadata holds the architecture, the class names and the preprocessing as JSON
/// under the key `starling.network`, so that a model file needs no program to describe it.
public struct ModelFile: Sendable {
  /// The network.
  public var network: Network
  /// Whatever else its writer wanted to keep, such as how it was trained.
  public var notes: [String: String]

  /// A file of the given contents, not yet written.
  public init(_ network: Network, notes: [String: String] = [:]) {
    self.network = network
    self.notes = notes
  }

  /// Reads a model file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - recipes: Types of your own layers that the file may contain.
  /// - Throws: ``FileError`` naming the file for anything that is not exactly a model file: damage,
  ///   another format, an unknown layer, tensors that do not fit the architecture or are not finite.
  public init(contentsOf path: String, recipes: [any Recipe.Type] = []) throws(FileError) {
    let file = try SafeTensors(contentsOf: path)
    guard let description = file.metadata[Key.network] else {
      throw FileError(
        file: path,
        problem: "the metadata has no “\(Key.network)”, so this is not a model of Starling",
        remedy: "to start training from bare tensors, use `starling train --init`")
    }
    network = try ModelFile.network(described: description, weights: file, recipes: recipes)
    notes = file.metadata.filter { $0.key != Key.network && $0.key != Key.format }
  }

  /// Writes the file as a whole or not at all.
  ///
  /// - Throws: ``FileError`` naming the file when it cannot be written, or could not be read again;
  ///   what was there before is then still there.
  public func write(to path: String) throws(FileError) {
    try checkCanBeRead(path)
    var metadata = notes
    metadata[Key.format] = "starling"
    do {
      metadata[Key.network] = try Architecture(of: network).json()
    } catch {
      throw FileError(
        file: path, problem: "the architecture cannot be written: \(error)",
        remedy: "look at how your own layers encode themselves")
    }
    var file = SafeTensors(metadata: metadata)
    for (name, tensor) in network.namedParameters { try file.add(name, tensor) }
    try file.write(to: path)
  }

  /// That the file, once written, would not be refused when it is read.
  private func checkCanBeRead(_ path: String) throws(FileError) {
    if let note = notes.keys.sorted().first(where: { $0 == Key.network || $0 == Key.format }) {
      throw FileError(
        file: path,
        problem: "the note \(FileError.quoted(note)) has the name of something else in the file",
        remedy: "give it another name")
    }
    guard network.outputNames.count == network.outputShape.count else {
      throw FileError(
        file: path,
        problem: "expected \(network.outputShape.count) class names, got "
          + "\(network.outputNames.count)",
        remedy: "give one name for each output")
    }
    if let (name, _) = network.namedParameters.first(where: { !$0.tensor.isFinite }) {
      throw FileError(
        file: path, problem: "tensor \(FileError.quoted(name)) has infinite numbers or NaN",
        remedy: "save the network as it was before they came")
    }
  }

  /// The network that a file's metadata describe, with the file's weights.
  private static func network(
    described description: String, weights: SafeTensors, recipes: [any Recipe.Type]
  ) throws(FileError) -> Network {
    let path = weights.name
    do {
      let architecture = try Architecture(json: description, recipes: recipes)
      let recipes = architecture.layers.map(\.recipe)
      let shapes = try Network.inputShapes(of: recipes, input: architecture.input)
      var network = try Network(
        input: architecture.input, recipes: recipes,
        parameters: weights.parameters(of: recipes, inputShapes: shapes))
      if let names = architecture.classNames, names.count != network.outputShape.count {
        throw FileError(
          file: path,
          problem: "expected \(network.outputShape.count) class names, got \(names.count)",
          remedy: unedited)
      }
      if let preprocessing = architecture.preprocessing, !preprocessing.isUsable {
        throw FileError(
          file: path, problem: "pictures cannot be prepared by \(preprocessing)", remedy: unedited)
      }
      network.classNames = architecture.classNames
      network.preprocessing = architecture.preprocessing
      return network
    } catch let error as FileError {
      throw error
    } catch let error as ShapeError {
      throw FileError(
        file: path, problem: "the architecture does not fit together: \(error)", remedy: unedited)
    } catch let error as StoredRecipe.UnknownType {
      throw FileError(
        file: path, problem: "there is no layer type \(FileError.quoted(error.name))",
        remedy: "if it is your own, pass it: ModelFile(contentsOf:recipes:)")
    } catch let error as DecodingError {
      throw FileError(
        file: path, problem: "the architecture in the metadata cannot be read: \(error.oneLine)",
        remedy: unedited)
    } catch {
      throw FileError(
        file: path, problem: "the architecture in the metadata cannot be read: \(error)",
        remedy: unedited)
    }
  }

  private static let unedited = "use the file as `starling train` or Network.save wrote it"

  private enum Key {
    static let format = "format"
    static let network = "starling.network"
  }
}

extension Network {
  /// Reads the network of a model file.
  ///
  /// - Throws: ``FileError`` naming the file for anything that is not exactly a model file.
  public init(contentsOf path: String) throws(FileError) {
    self = try ModelFile(contentsOf: path).network
  }

  /// Writes a model file, as a whole or not at all.
  ///
  /// - Throws: ``FileError`` naming the file when it cannot be written.
  public func save(to path: String) throws(FileError) {
    try ModelFile(self).write(to: path)
  }

  /// All parameters under the names that they have in files: `0.weight`, `0.bias`, `3.weight`.
  public var namedParameters: [(name: String, tensor: Tensor)] {
    zip(layers.indices, parameters).flatMap { position, parameters in
      zip(parameters.names, parameters.tensors).map { ("\(position).\($0)", $1) }
    }
  }

  /// Takes all parameters from a file's tensors, named by layer position.
  ///
  /// - Throws: ``FileError`` when a tensor is missing, unknown, of another shape, or not finite; the
  ///   network is then unchanged.
  public mutating func setParameters(from file: SafeTensors) throws(FileError) {
    let shapes = [inputShape] + layers.map(\.outputShape)
    let parameters = try file.parameters(of: recipes, inputShapes: shapes)
    for position in layers.indices { layers[position].parameters = parameters[position] }
  }
}

extension SafeTensors {
  /// The parameters of layers, by position, out of a file that holds just those.
  func parameters(
    of recipes: [any Recipe], inputShapes: [Shape]
  ) throws(FileError) -> [Parameters] {
    var known: [String] = []
    var unused: [String] = []
    var all: [Parameters] = []
    for (position, (recipe, input)) in zip(recipes, inputShapes).enumerated() {
      let specifications = recipe.parameterSpecifications(for: input)
      var tensors: [Tensor] = []
      for specification in specifications {
        let key = "\(position).\(specification.name)"
        known.append(key)
        tensors.append(
          try tensor(named: key, specification, for: "layer \(position) (\(recipe.name))"))
      }
      all.append(Parameters(specifications, tensors: tensors))
      // PyTorch counts batches for a momentum that it can do without; Starling's has a value.
      if recipe is BatchNormalization { unused.append("\(position).num_batches_tracked") }
    }
    if let unknown = entries.first(where: { !(known + unused).contains($0.name) }) {
      throw FileError(
        file: name, problem: "tensor \(FileError.quoted(unknown.name)) belongs to no layer",
        remedy: "the network's tensors are " + known.joined(separator: ", "))
    }
    return all
  }

  private func tensor(
    named key: String, _ specification: ParameterSpecification, for layer: String
  ) throws(FileError) -> Tensor {
    guard let tensor = try tensor(named: key) else {
      throw FileError(
        file: name, problem: "there is no tensor \(FileError.quoted(key)), which \(layer) needs",
        remedy: "name tensors by layer position, as PyTorch's Sequential does")
    }
    guard tensor.shape == specification.shape else {
      throw FileError(
        file: name,
        problem: "tensor \(FileError.quoted(key)) of \(layer): expected \(specification.shape), "
          + "got \(tensor.shape)",
        remedy: "use a file that was made for this network")
    }
    guard tensor.isFinite else {
      throw FileError(
        file: name,
        problem: "tensor \(FileError.quoted(key)) of \(layer) has infinite numbers or NaN",
        remedy: "use an earlier file of this network")
    }
    if let number = specification.numberBelowLeast(in: tensor) {
      throw FileError(
        file: name,
        problem: "tensor \(FileError.quoted(key)) of \(layer): expected numbers of "
          + "\(specification.least) or more, got \(number)",
        remedy: "use the file as it was saved")
    }
    return tensor
  }
}
