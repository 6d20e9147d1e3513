import Hummingbird
import HummingbirdCore

/// A request on its way to an answer.
struct Call: Sendable {
  /// The request.
  let request: Request
  /// Its context.
  let context: LabContext
  /// What its query says.
  let query: JSONObject

  /// A call whose query may have fields of some names, and no others.
  ///
  /// - Throws: ``LabError`` naming the field that the query has besides, or twice.
  init(_ request: Request, _ context: LabContext, query names: [String]) throws {
    self.request = request
    self.context = context
    query = try Self.query(of: request, names)
  }

  /// What stands in the path for the name in braces.
  func parameter(_ name: String) -> String {
    context.parameters.get(name) ?? ""
  }

  /// The query as an object of the given fields.
  ///
  /// What is written like a number is one; everything else is a text.
  private static func query(of request: Request, _ names: [String]) throws -> JSONObject {
    var fields: [String: JSONValue] = [:]
    for (name, text) in request.uri.queryParameters {
      let name = String(name)
      guard !name.isEmpty else {
        throw LabError(
          field: "query", expected: "a name before each '='", found: "none",
          remedy: "leave it out")
      }
      guard fields[name] == nil else {
        throw LabError(
          field: shortened(name), expected: "it once in the query", found: "it again",
          remedy: "give it once")
      }
      fields[name] = (try? JSONParser.parse(Array(text.utf8)))?.asNumber ?? .string(String(text))
    }
    return try JSONField(path: "", value: .object(fields)).object(names)
  }
}

extension JSONValue {
  /// The value, if it is a number.
  fileprivate var asNumber: JSONValue? {
    if case .number = self { self } else { nil }
  }
}
