/// The header of a safetensors file: eight bytes with its length N, then N bytes of JSON.
struct SafeTensorsHeader {
  /// One tensor of the header.
  struct Description {
    var name: String
    var type: SafeTensors.ElementType
    var shape: [Int]
    /// Where the numbers lie in the file.
    var bytes: Range<Int>
    /// Where the header says so.
    var offset: Int
  }

  /// The key under which the metadata stand among the tensors.
  static let metadataKey = "__metadata__"

  /// The most bytes that the specification allows the JSON.
  static let limit = 100_000_000

  private(set) var metadata: [String: String] = [:]
  private(set) var tensors: [Description] = []

  /// The header of a file, with its tensors in the order in which their numbers lie.
  init(decoding bytes: [UInt8], file: String) throws(FileError) {
    let range = try Self.range(in: bytes, file: file)
    var parser = SafeTensorsParser(bytes: bytes, range: range, file: file)
    var keys: Set<String> = []
    try parser.openHeader()
    while let key = try parser.key(notIn: &keys) {
      if key == Self.metadataKey {
        metadata = try parser.strings()
      } else {
        tensors.append(try parser.tensor(key, dataStart: range.upperBound))
      }
    }
    try parser.closeHeader()
    // Tensors without numbers take no room, and may share their place with others.
    let order = tensors.indices.sorted {
      let (left, right) = (tensors[$0].bytes, tensors[$1].bytes)
      return (left.lowerBound, left.upperBound, $0) < (right.lowerBound, right.upperBound, $1)
    }
    tensors = order.map { tensors[$0] }
    try checkPlaces(from: range.upperBound, to: bytes.count, file: file)
  }

  /// Where the JSON lies in a file.
  static func range(in bytes: [UInt8], file: String) throws(FileError) -> Range<Int> {
    guard bytes.count >= 8 else {
      throw FileError(
        file: file,
        problem: "expected at least the 8 bytes of a safetensors header's length, found "
          + "\(bytes.count)",
        remedy: bytes.isEmpty
          ? "the file is empty; get it anew" : "the file is cut short or no safetensors file")
    }
    let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(limit) else {
      throw FileError(
        file: file, offset: 0,
        problem: "expected a header of at most \(limit) bytes, found a length of \(length)",
        remedy: "this is no safetensors file, or a damaged one")
    }
    guard length <= UInt64(bytes.count - 8) else {
      throw FileError(
        file: file, offset: 0,
        problem: "expected a header of \(length) bytes, found \(bytes.count - 8) bytes after its "
          + "length",
        remedy: "the file is cut short or no safetensors file; get it anew")
    }
    return 8..<8 + Int(length)
  }

  /// Checks that the tensors fill the file: no hole, no overlap, nothing behind the last.
  private func checkPlaces(from start: Int, to end: Int, file: String) throws(FileError) {
    var position = start
    for tensor in tensors {
      guard tensor.bytes.lowerBound == position else {
        throw FileError(
          file: file, offset: tensor.offset,
          problem: "expected the numbers of \(FileError.quoted(tensor.name)) to start at "
            + "\(position - start), where those before end, found \(tensor.bytes.lowerBound - start)",
          remedy: "tensors must neither overlap nor leave a hole; save the file anew")
      }
      position = tensor.bytes.upperBound
    }
    guard position == end else {
      throw FileError(
        file: file, offset: position,
        problem:
          "expected the file to end with its last tensor, found \(end - position) more bytes",
        remedy: "remove them, or save the file anew")
    }
  }

  /// The bytes of a header, for entries that follow it in the given order.
  static func encoded(metadata: [String: String], entries: [SafeTensors.Entry]) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let sorted = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      let strings = sorted.map { "\(literal($0.key)):\(literal($0.value))" }
      members.append("\(literal(metadataKey)):{\(strings.joined(separator: ","))}")
    }
    var start = 0
    for entry in entries {
      let end = start + entry.data.count
      let shape = entry.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(literal(entry.name)):{\"dtype\":\"\(entry.type.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(start),\(end)]}")
      start = end
    }
    var json = Array("{\(members.joined(separator: ","))}".utf8)
    // The numbers start at a multiple of 8, so that they can be used where they lie.
    while json.count % 8 != 0 { json.append(UInt8(ascii: " ")) }
    return (0..<8).map { UInt8(truncatingIfNeeded: json.count >> ($0 * 8)) } + json
  }

  /// A string as JSON writes it.
  private static func literal(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{8}": result += "\\b"
      case "\u{C}": result += "\\f"
      case ..<" ":
        result += (scalar.value < 16 ? "\\u000" : "\\u00") + String(scalar.value, radix: 16)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
