/// Reads the JSON of a safetensors header, and no other JSON.
///
/// A header has objects in fixed places, so that nothing here calls itself: no input nests deeper
/// than the grammar.
struct SafeTensorsParser {
  private let bytes: [UInt8]
  private let file: String
  private let end: Int
  private var position: Int

  init(bytes: [UInt8], range: Range<Int>, file: String) {
    self.bytes = bytes
    self.file = file
    position = range.lowerBound
    end = range.upperBound
  }

  /// The brace that a header begins with, no space before it.
  mutating func openHeader() throws(FileError) {
    guard byte == UInt8(ascii: "{") else {
      throw unexpected("\"{\" at the header's start")
    }
    position += 1
  }

  /// Nothing but padding after the last brace.
  mutating func closeHeader() throws(FileError) {
    while byte == UInt8(ascii: " ") { position += 1 }
    guard position == end else { throw unexpected("only spaces after the header's last brace") }
  }

  /// The next key of an object that is open, or `nil` after its closing brace.
  mutating func key(notIn keys: inout Set<String>) throws(FileError) -> String? {
    if take("}") { return nil }
    if !keys.isEmpty { try expect(",", "\",\" or \"}\"") }
    skipSpace()
    let start = position
    let key = try string()
    guard keys.insert(key).inserted else {
      throw broken(at: start, "expected each name once, found \(FileError.quoted(key)) again")
    }
    try expect(":")
    return key
  }

  /// An object of strings: the metadata.
  mutating func strings() throws(FileError) -> [String: String] {
    var result: [String: String] = [:]
    var keys: Set<String> = []
    try expect("{")
    while let key = try key(notIn: &keys) { result[key] = try string() }
    return result
  }

  /// An object that describes a tensor, whose offsets count from `dataStart`.
  mutating func tensor(
    _ name: String, dataStart: Int
  ) throws(FileError) -> SafeTensorsHeader.Description {
    var type: SafeTensors.ElementType?
    var shape: [Int]?
    var offsets: [Int]?
    var offset = position
    var keys: Set<String> = []
    try expect("{")
    while let key = try key(notIn: &keys) {
      skipSpace()
      switch key {
      case "dtype": type = try elementType()
      case "shape": shape = try integers()
      case "data_offsets":
        offset = position
        offsets = try integers()
      default:
        throw broken(
          at: position, "expected dtype, shape or data_offsets, found \(FileError.quoted(key))")
      }
    }
    let called = "the tensor \(FileError.quoted(name))"
    guard let type, let shape, let offsets else {
      let missing = type == nil ? "dtype" : shape == nil ? "shape" : "data_offsets"
      throw broken(at: position, "expected a \(missing) of \(called), found none")
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw broken(
        at: offset, "expected data_offsets [begin,end] of \(called), found \(listed(offsets))")
    }
    var size = type.size
    for length in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: length)
      guard !overflow else {
        throw broken(
          at: offset, "expected a shape of \(called) that can be, found \(listed(shape))")
      }
      size = product
    }
    guard offsets[1] - offsets[0] == size else {
      throw broken(
        at: offset,
        "expected \(size) bytes for the \(type.rawValue) numbers \(listed(shape)) of \(called), found "
          + "\(offsets[1] - offsets[0])")
    }
    guard offsets[1] <= bytes.count - dataStart else {
      throw FileError(
        file: file, offset: offset,
        problem: "expected \(offsets[1]) bytes after the header up to the end of \(called), found "
          + "\(bytes.count - dataStart)",
        remedy: "the file is cut short; get it anew")
    }
    return SafeTensorsHeader.Description(
      name: name, type: type, shape: shape,
      bytes: dataStart + offsets[0]..<dataStart + offsets[1], offset: offset)
  }

  private mutating func elementType() throws(FileError) -> SafeTensors.ElementType {
    let start = position
    let name = try string()
    guard let type = SafeTensors.ElementType(rawValue: name) else {
      let known = SafeTensors.ElementType.allCases.map(\.rawValue).joined(separator: ", ")
      throw FileError(
        file: file, offset: start,
        problem: "expected a dtype of \(known), found \(FileError.quoted(name))",
        remedy: "convert the tensor to F32 before it is saved")
    }
    return type
  }

  private mutating func integers() throws(FileError) -> [Int] {
    var result: [Int] = []
    try expect("[")
    if take("]") { return result }
    repeat { result.append(try integer()) } while take(",")
    try expect("]", "\",\" or \"]\"")
    return result
  }

  private mutating func integer() throws(FileError) -> Int {
    skipSpace()
    let start = position
    while let byte, isDigit(byte) { position += 1 }
    let digits = bytes[start..<position]
    guard let first = digits.first else { throw unexpected("a whole number from 0") }
    guard first != UInt8(ascii: "0") || digits.count == 1 else {
      throw broken(at: start, "expected a whole number, found one that begins with 0")
    }
    var value = 0
    for digit in digits {
      let (tens, overflowed) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflows) = tens.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
      guard !overflowed, !overflows else {
        throw broken(at: start, "expected a number of at most \(Int.max), found a larger one")
      }
      value = sum
    }
    return value
  }

  private mutating func string() throws(FileError) -> String {
    try expect("\"", "a text in quotes")
    let start = position
    var content: [UInt8] = []
    while let byte, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw unexpected("a text without control characters") }
      position += 1
      if byte == UInt8(ascii: "\\") {
        content += String(try escape()).utf8
      } else {
        content.append(byte)
      }
    }
    try expect("\"", "the quote that ends a text")
    let text = String(decoding: content, as: UTF8.self)
    // Decoding repairs what is not UTF-8; a text that had to be repaired differs from its bytes.
    guard text.utf8.elementsEqual(content) else {
      throw broken(at: start, "expected a text in UTF-8, found other bytes")
    }
    return text
  }

  /// The character of an escape whose backslash has been read.
  private mutating func escape() throws(FileError) -> Unicode.Scalar {
    let start = position - 1
    guard let letter = byte else { throw unexpected("the rest of an escape") }
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let unit = try codeUnit()
      if let scalar = Unicode.Scalar(unit) { return scalar }
      // What is no scalar is half of a pair; the other half must follow.
      if unit < 0xDC00, byte == UInt8(ascii: "\\") {
        position += 1
        if byte == UInt8(ascii: "u") {
          position += 1
          let low = try codeUnit()
          if 0xDC00...0xDFFF ~= low,
            let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
          {
            return scalar
          }
        }
      }
      throw broken(at: start, "expected both halves of a surrogate pair, found one")
    default:
      throw broken(at: start, "expected an escape that JSON knows, found \(described(letter))")
    }
  }

  private mutating func codeUnit() throws(FileError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw unexpected("four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  // MARK: Single bytes

  private var byte: UInt8? { position < end ? bytes[position] : nil }

  private func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

  private mutating func skipSpace() {
    while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  /// Steps over a character, and the space before it, if it comes next.
  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard byte == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(
    _ character: Unicode.Scalar, _ expected: String? = nil
  ) throws(FileError) {
    guard take(character) else { throw unexpected(expected ?? "\"\(character)\"") }
  }

  private func unexpected(_ expected: String) -> FileError {
    broken(at: position, "expected \(expected), found \(byte.map(described) ?? "the header's end")")
  }

  private func described(_ byte: UInt8) -> String {
    0x21...0x7E ~= byte
      ? FileError.quoted(String(Unicode.Scalar(byte))) : "the byte \(byte)"
  }

  private func listed(_ numbers: [Int]) -> String {
    let first = numbers.prefix(8).map(String.init).joined(separator: ",")
    return "[\(first)\(numbers.count > 8 ? ",…" : "")]"
  }

  private func broken(at offset: Int, _ problem: String) -> FileError {
    FileError(
      file: file, offset: offset, problem: problem,
      remedy: "the header is damaged or not of the safetensors format; get or save the file anew")
  }
}
