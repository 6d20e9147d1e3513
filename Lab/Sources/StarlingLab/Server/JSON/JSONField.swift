import NIOCore

/// A value in a request, and where it stands, so that an error can name the field.
///
///     let fields = try body.object(["x", "mode"])
///     let x = try fields["x"].matrix()                       // "x[1]: expected 3 numbers …"
///     let mode = try fields.optional("mode")?.choice(of: Mode.self) ?? .valid
struct JSONField: Sendable {
  /// Where it stands, such as `x[1][0]` or `at.row`; empty for the body itself.
  let path: String
  /// What stands there.
  let value: JSONValue

  init(path: String, value: JSONValue) {
    self.path = path
    self.value = value
  }

  /// A body of JSON.
  init(bytes: ByteBuffer) throws {
    self.init(path: "", value: try JSONParser.parse(Array(bytes.readableBytesView)))
  }

  /// The error that something else was expected here.
  func unexpected(_ expected: String, found: String? = nil, remedy: String) -> LabError {
    LabError(field: path, expected: expected, found: found ?? value.name, remedy: remedy)
  }
}

/// An object in a request, all of whose names are known.
struct JSONObject: Sendable {
  private let path: String
  private let fields: [String: JSONValue]

  fileprivate init(path: String, fields: [String: JSONValue]) {
    self.path = path
    self.fields = fields
  }

  /// The field of a name, which has to be there.
  subscript(name: String) -> JSONField {
    get throws {
      guard let field = optional(name) else {
        let place = fieldPath(name)
        throw LabError(
          field: place, expected: "a value", found: "nothing", remedy: "give \(name)")
      }
      return field
    }
  }

  /// The field of a name, if it is there.
  func optional(_ name: String) -> JSONField? {
    fields[name].map { JSONField(path: fieldPath(name), value: $0) }
  }

  private func fieldPath(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
}

extension JSONField {
  /// An object that has no other fields than these.
  func object(_ names: [String]) throws -> JSONObject {
    let list = names.isEmpty ? "no fields" : "the fields \(names.joined(separator: ", "))"
    guard case .object(let fields) = value else {
      throw unexpected("an object of \(list)", remedy: "write it in braces")
    }
    // The first by name: the same body always gets the same error.
    if let unknown = fields.keys.filter({ !names.contains($0) }).min() {
      let name = shortened(unknown)
      throw LabError(
        field: path.isEmpty ? name : "\(path).\(name)", expected: list, found: "another",
        remedy: "leave it out")
    }
    return JSONObject(path: path, fields: fields)
  }

  /// A list of so many elements.
  func list(_ counts: ClosedRange<Int>, of what: String) throws -> [JSONField] {
    let expected =
      counts.lowerBound == counts.upperBound
      ? counted(counts.lowerBound, what) : "\(counts.lowerBound) to \(counts.upperBound) \(what)"
    guard case .array(let values) = value else {
      throw unexpected("a list of \(expected)", remedy: "write it in brackets")
    }
    guard counts.contains(values.count) else {
      throw unexpected(
        expected, found: "\(values.count)",
        remedy: values.count < counts.lowerBound ? "give more" : "give fewer")
    }
    return values.enumerated().map { JSONField(path: "\(path)[\($0)]", value: $1) }
  }

  /// A finite number.
  func number(in range: ClosedRange<Double> = -1e6...1e6) throws -> Double {
    let (least, most) = (shortened(range.lowerBound), shortened(range.upperBound))
    guard case .number(let number) = value else {
      throw unexpected("a number from \(least) to \(most)", remedy: "give a number")
    }
    guard range.contains(number) else {
      throw unexpected(
        "a number from \(least) to \(most)",
        remedy: number < range.lowerBound ? "give a larger one" : "give a smaller one")
    }
    return number
  }

  /// A whole number.
  func integer(in range: ClosedRange<Int>) throws -> Int {
    let expected =
      range.lowerBound == range.upperBound
      ? "\(range.lowerBound)" : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    guard case .number(let number) = value else {
      throw unexpected(expected, remedy: "give a number")
    }
    guard let integer = Int(exactly: number) else {
      throw unexpected(expected, remedy: "give a whole one")
    }
    guard range.contains(integer) else {
      throw unexpected(
        expected, remedy: integer < range.lowerBound ? "give a larger one" : "give a smaller one")
    }
    return integer
  }

  /// `true` or `false`.
  func bool() throws -> Bool {
    guard case .bool(let value) = value else {
      throw unexpected("true or false", remedy: "give one of the two")
    }
    return value
  }

  /// A text.
  func text() throws -> String {
    guard case .string(let text) = value else {
      throw unexpected("a text", remedy: "write it in quotes")
    }
    return text
  }

  /// One of the names of a type's cases.
  func choice<Choice: CaseIterable & RawRepresentable<String>>(
    of type: Choice.Type
  ) throws -> Choice {
    let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    guard case .string(let name) = value, let choice = Choice(rawValue: name) else {
      throw unexpected("one of \(names)", remedy: "give one of these")
    }
    return choice
  }
}

/// A count and what is counted, given in the plural.
func counted(_ count: Int, _ what: String) -> String {
  "\(count) \(count == 1 && what.hasSuffix("s") ? String(what.dropLast()) : what)"
}
