import Foundation

/// Everything about a network but its weights, as a model file's metadata tells it.
struct Architecture: Codable {
  let input: Shape
  let layers: [StoredRecipe]
  let classNames: [String]?
  let preprocessing: Preprocessing?

  /// The architecture of a network.
  init(of network: Network) {
    input = network.inputShape
    layers = network.recipes.map(StoredRecipe.init)
    classNames = network.classNames
    preprocessing = network.preprocessing
  }

  /// The architecture that a model file tells.
  ///
  /// - Throws: `DecodingError` for what is not an architecture; ``StoredRecipe/UnknownType`` for a
  ///   layer of a type that is not among `recipes` and is not Starling's own.
  init(json: String, recipes: [any Recipe.Type]) throws {
    let decoder = JSONDecoder()
    if let key = StoredRecipe.typesKey { decoder.userInfo[key] = recipes }
    self = try decoder.decode(Architecture.self, from: Data(json.utf8))
  }

  /// The architecture as JSON, always the same text for the same network.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}

/// A recipe with the name of its type, so that it can be read back.
///
///     {"options": {"outputs": 100}, "type": "Dense"}
struct StoredRecipe: Codable {
  let recipe: any Recipe

  /// The types that every model file may contain.
  private static let builtIn: [any Recipe.Type] = [
    AveragePooling.self, BatchNormalization.self, Convolution.self, Dense.self, Dropout.self,
    Flatten.self, MaxPooling.self, ReLU.self, Reshape.self, Sigmoid.self, Softmax.self, Tanh.self,
  ]

  /// Where a decoder keeps the types of a user's own layers.
  static let typesKey = CodingUserInfoKey(rawValue: "starling.recipes")

  /// A layer whose type nobody named.
  struct UnknownType: Error {
    let name: String
  }

  private enum CodingKeys: CodingKey {
    case type, options
  }

  init(_ recipe: any Recipe) {
    self.recipe = recipe
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let name = try container.decode(String.self, forKey: .type)
    let own = StoredRecipe.typesKey.flatMap { decoder.userInfo[$0] as? [any Recipe.Type] } ?? []
    guard let type = (StoredRecipe.builtIn + own).first(where: { String(describing: $0) == name })
    else { throw UnknownType(name: name) }
    recipe = try container.decode(type, forKey: .options)
  }

  func encode(to encoder: any Encoder) throws {
    let namesake = StoredRecipe.builtIn.first { String(describing: $0) == recipe.name }
    guard namesake == nil || namesake == type(of: recipe) else {
      throw EncodingError.invalidValue(
        recipe,
        .init(
          codingPath: encoder.codingPath,
          debugDescription: "\(recipe.name) is one of Starling's own layers; rename yours"))
    }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(recipe.name, forKey: .type)
    try container.encode(recipe, forKey: .options)
  }
}

extension DecodingError {
  /// Where and what, without line breaks.
  var oneLine: String {
    let context: Context
    switch self {
    case .typeMismatch(_, let found), .valueNotFound(_, let found), .keyNotFound(_, let found),
      .dataCorrupted(let found):
      context = found
    @unknown default:
      return "\(self)".replacingOccurrences(of: "\n", with: " ")
    }
    let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
    let place = path.isEmpty ? "" : "at \(path.joined(separator: ".")): "
    return place + context.debugDescription.replacingOccurrences(of: "\n", with: " ")
  }
}
