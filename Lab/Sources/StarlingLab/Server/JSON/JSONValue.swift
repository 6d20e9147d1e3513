/// What JSON can say.
enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  /// A number; infinite, where too large a one is written.
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// What it is, for an error to name.
  var name: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let value): "the number \(shortened(value))"
    case .string(let text): "the text \(quoted(text))"
    case .array(let values): values.isEmpty ? "an empty list" : "a list of \(values.count)"
    case .object: "an object"
    }
  }
}

/// A number without the `.0` that Swift gives to whole ones.
func shortened(_ number: Double) -> String {
  let digits = "\(number)"
  return digits.hasSuffix(".0") ? String(digits.dropLast(2)) : digits
}
