/// Reads JSON, strictly: RFC 8259 and nothing else.
///
/// Foundation's parser takes an object that has a name twice, keeping one value of the two, and nests
/// hundreds deep. Here both are refused, and an error says at which byte.
struct JSONParser {
  /// The deepest that lists and objects may lie in each other; kernels in a body are five deep.
  private static let deepest = 8

  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0
  /// The names of the objects that the parser stands in.
  private var path: [String] = []

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The value that the bytes write.
  ///
  /// - Throws: ``LabError`` that names the byte, counted from 1.
  static func parse(_ bytes: [UInt8]) throws -> JSONValue {
    var parser = JSONParser(bytes)
    let value = try parser.value()
    parser.skipSpace()
    guard parser.position == bytes.count else { throw parser.unexpected("the end") }
    return value
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  private mutating func value() throws -> JSONValue {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try nested { parser in try parser.object() }
    case UInt8(ascii: "["): return try nested { parser in try parser.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), (UInt8(ascii: "0")...UInt8(ascii: "9"))?: return try number()
    default: throw unexpected("a value")
    }
  }

  private mutating func nested(
    _ content: (inout JSONParser) throws -> JSONValue
  ) throws -> JSONValue {
    guard depth < Self.deepest else {
      throw fault("lists and objects lie more than \(Self.deepest) deep in each other")
    }
    depth += 1
    position += 1
    let value = try content(&self)
    depth -= 1
    return value
  }

  private mutating func object() throws -> JSONValue {
    var fields: [String: JSONValue] = [:]
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object(fields) }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw unexpected("a name in quotes") }
      let name = try string()
      guard fields[name] == nil else {
        throw LabError(
          field: (path + [name]).map { shortened($0) }.joined(separator: "."),
          expected: "each name once", found: "it a second time",
          remedy: "give it once")
      }
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw unexpected("':'") }
      path.append(name)
      fields[name] = try value()
      path.removeLast()
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw unexpected("',' or '}'") }
    return .object(fields)
  }

  private mutating func array() throws -> JSONValue {
    var values: [JSONValue] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .array(values) }
    repeat {
      values.append(try value())
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw unexpected("',' or ']'") }
    return .array(values)
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws -> JSONValue {
    for byte in word.utf8 where !take(byte) { throw unexpected(word) }
    return value
  }

  private mutating func number() throws -> JSONValue {
    let start = position
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    if take(UInt8(ascii: ".")) { try digits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      _ = take(UInt8(ascii: "+")) || take(UInt8(ascii: "-"))
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let number = Double(text) else { throw fault("\(quoted(text)) is no number") }
    return .number(number)
  }

  private mutating func digits() throws {
    let start = position
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    guard position > start else { throw unexpected("a digit") }
  }
}

// MARK: - Texts

extension JSONParser {
  private mutating func string() throws -> String {
    position += 1
    var text: [UInt8] = []
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        guard let string = String(validating: text, as: UTF8.self) else {
          throw fault("a text is not UTF-8")
        }
        return string
      case UInt8(ascii: "\\"):
        position += 1
        try text.append(contentsOf: escape())
      case 0..<0x20:
        throw unexpected("an escape, since a control character cannot stand in a text")
      default:
        text.append(byte)
        position += 1
      }
    }
    throw unexpected("a closing quote")
  }

  /// The UTF-8 of what is written behind a backslash.
  private mutating func escape() throws -> [UInt8] {
    guard let byte = next else { throw unexpected("an escape") }
    let simple: [UInt8: UInt8] = [
      UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F,
      UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A,
      UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
    ]
    if let meant = simple[byte] {
      position += 1
      return [meant]
    }
    guard take(UInt8(ascii: "u")) else { throw unexpected("an escape") }
    var code = UInt32(try hexadecimal())
    if (0xD800..<0xDC00).contains(code) {
      guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
        throw unexpected("the second half of a surrogate pair")
      }
      let low = UInt32(try hexadecimal())
      guard (0xDC00..<0xE000).contains(low) else {
        throw fault("a surrogate pair has no second half")
      }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else {
      throw fault("half of a surrogate pair stands alone")
    }
    return Array(String(Character(scalar)).utf8)
  }

  private mutating func hexadecimal() throws -> UInt16 {
    let end = position + 4
    guard end <= bytes.count else { throw unexpected("four hexadecimal digits") }
    let digits = bytes[position..<end]
    guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let code = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw unexpected("four hexadecimal digits") }
    position = end
    return code
  }
}

// MARK: - Errors

extension JSONParser {
  private func unexpected(_ expected: String) -> LabError {
    guard let byte = next else { return fault("expected \(expected), found the end") }
    let isPrintable = (0x21..<0x7F).contains(byte)
    let found =
      isPrintable
      ? "'\(Character(Unicode.Scalar(byte)))'" : "the byte 0x\(String(byte, radix: 16))"
    return fault("expected \(expected), found \(found)")
  }

  private func fault(_ fault: String) -> LabError {
    LabError("the body, byte \(position + 1): \(fault); send well-formed JSON")
  }
}
