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
    var json = Array("{".utf8)
    if !metadata.isEmpty {
      json += "\"\(metadataKey)\":{".utf8
      let sorted = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      for (index, (key, value)) in sorted.enumerated() {
        if index > 0 { json += ",".utf8 }
        append(key, to: &json)
        json += ":".utf8
        append(value, to: &json)
      }
      json += "}".utf8
    }
    var start = 0
    for (index, entry) in entries.enumerated() {
      if index > 0 || !metadata.isEmpty { json += ",".utf8 }
      append(entry.name, to: &json)
      let shape = entry.shape.map(String.init).joined(separator: ",")
      let end = start + entry.data.count
      json += ":{\"dtype\":\"\(entry.type.rawValue)\",\"shape\":[\(shape)],".utf8
      json += "\"data_offsets\":[\(start),\(end)]}".utf8
      start = end
    }
    json += "}".utf8
    // The numbers start at a multiple of 8, so that they can be used where they lie.
    while json.count % 8 != 0 { json += " ".utf8 }
    return (0..<8).map { UInt8(truncatingIfNeeded: json.count >> ($0 * 8)) } + json
  }

  /// Appends a text as JSON writes it.
  private static func append(_ text: String, to json: inout [UInt8]) {
    json += "\"".utf8
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): json += "\\\"".utf8
      case UInt8(ascii: "\\"): json += "\\\\".utf8
      case UInt8(ascii: "\n"): json += "\\n".utf8
      case UInt8(ascii: "\r"): json += "\\r".utf8
      case UInt8(ascii: "\t"): json += "\\t".utf8
      case 0x08: json += "\\b".utf8
      case 0x0C: json += "\\f".utf8
      case ..<0x20: json += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
      default: json.append(byte)
      }
    }
    json += "\"".utf8
  }
}
