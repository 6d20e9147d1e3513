import Starling
import Testing

@Suite("Malformed safetensors files")
struct SafeTensorsMalformedTests {
  /// A file that must be refused.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let message: String

    /// A file with the right length before its header.
    init(_ what: String, _ header: String, data: Int = 4, _ message: String) {
      self.init(what, bytes: file(header, data: data), message)
    }

    init(_ what: String, bytes: [UInt8], _ message: String) {
      testDescription = what
      self.bytes = bytes
      self.message = message
    }
  }

  static func file(_ header: String, data: Int) -> [UInt8] {
    file(Array(header.utf8), data: data)
  }

  static func file(_ header: [UInt8], data: Int) -> [UInt8] {
    length(header.count) + header + [UInt8](repeating: 0, count: data)
  }

  static func length(_ count: Int) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) }
  }

  static func isOneLine(_ text: String) -> Bool {
    !text.contains(where: \.isNewline)
  }

  /// The header of one tensor `a`, whose fields are given.
  static func one(
    dtype: String = #""F32""#, shape: String = "[1]", offsets: String = "[0,4]"
  ) -> String {
    #"{"a":{"dtype":\#(dtype),"shape":\#(shape),"data_offsets":\#(offsets)}}"#
  }

  /// The header of two tensors `a` and `b` of one number each.
  static func two(_ first: String, _ second: String, names: (String, String) = ("a", "b")) -> String
  {
    #"{"\#(names.0)":{"dtype":"F32","shape":[1],"data_offsets":\#(first)},"#
      + #""\#(names.1)":{"dtype":"F32","shape":[1],"data_offsets":\#(second)}}"#
  }

  static let structure: [Case] = [
    Case("empty", bytes: [], "found 0; the file is empty"),
    Case("seven bytes", bytes: [1, 0, 0, 0, 0, 0, 0], "found 7; the file is cut short"),
    Case("no header", bytes: length(0), "byte 8: expected \"{\" at the header's start"),
    Case(
      "header over the limit", bytes: length(100_000_001),
      "byte 0: expected a header of at most 100000000 bytes, found a length of 100000001"),
    Case("length of all ones", bytes: [UInt8](repeating: 255, count: 64), "18446744073709551615"),
    Case("sign bit", bytes: [0, 0, 0, 0, 0, 0, 0, 0x80, 0x7B, 0x7D], "9223372036854775808"),
    Case(
      "header past the end", bytes: length(100_000_000) + [0x7B, 0x7D],
      "expected a header of 100000000 bytes, found 2 bytes after its length"),
    Case("not JSON", "PK\u{3}\u{4} a zip file", "byte 8: expected \"{\" at the header's start"),
    Case("leading space", " " + one(), "byte 8: expected \"{\" at the header's start"),
    Case("byte order mark", "\u{FEFF}" + one(), "found the byte 239"),
    Case("a list", "[]", data: 0, "found \"[\""),
    Case("open object", "{", data: 0, "byte 9: expected a text in quotes, found the header's end"),
    Case("text behind", one() + "x", "expected only spaces after the header's last brace"),
    Case("newline behind", one() + "\n", "found the byte 10"),
    Case("zero byte behind", one() + "\0", "found the byte 0"),
    Case("second object", "{}{}", data: 0, "byte 10: expected only spaces"),
    Case("comma at the end", #"{"__metadata__":{},}"#, data: 0, "expected a text in quotes"),
    Case("comma at the start", "{,}", data: 0, "expected a text in quotes, found \",\""),
    Case("no colon", #"{"a" 1}"#, data: 0, "byte 13: expected \":\", found \"1\""),
    Case("bare key", "{a:1}", data: 0, "expected a text in quotes, found \"a\""),
    Case("number for a tensor", #"{"a":1}"#, data: 0, "byte 13: expected \"{\", found \"1\""),
    Case("null for a tensor", #"{"a":null}"#, data: 0, "expected \"{\", found \"n\""),
    Case("deep lists", #"{"a":"# + String(repeating: "[", count: 200_000), "found \"[\""),
    Case(
      "deep objects", String(repeating: #"{"a":"#, count: 200_000),
      "expected dtype, shape or data_offsets, found \"a\""),
    Case(
      "deep shape", one(shape: String(repeating: "[", count: 200_000)),
      "expected a whole number from 0, found \"[\""),
    Case("no comma", #"{"__metadata__":{}"a":{}}"#, data: 0, "expected \",\" or \"}\""),
  ]

  static let tensors: [Case] = [
    Case("no dtype", #"{"a":{"shape":[1],"data_offsets":[0,4]}}"#, "expected a dtype of"),
    Case("no shape", #"{"a":{"dtype":"F32","data_offsets":[0,4]}}"#, "expected a shape of"),
    Case("no offsets", #"{"a":{"dtype":"F32","shape":[1]}}"#, "expected a data_offsets of"),
    Case(
      "unknown field", #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}"#,
      "found \"x\""),
    Case(
      "field twice", #"{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
      "byte 28: expected each name once, found \"dtype\" again"),
    Case("unknown dtype", one(dtype: #""F8_E5M2""#), "found \"F8_E5M2\"; convert the tensor"),
    Case("dtype in small letters", one(dtype: #""f32""#), "found \"f32\""),
    Case("dtype a number", one(dtype: "32"), "expected a text in quotes, found \"3\""),
    Case("shape a number", one(shape: "1"), "expected \"[\", found \"1\""),
    Case("negative length", one(shape: "[-1]"), "expected a whole number from 0, found \"-\""),
    Case("fraction", one(shape: "[1.0]"), "expected \",\" or \"]\", found \".\""),
    Case("exponent", one(shape: "[1e0]"), "expected \",\" or \"]\", found \"e\""),
    Case("leading zero", one(shape: "[01]"), "expected a whole number, found one that begins with"),
    Case("plus", one(shape: "[+1]"), "expected a whole number from 0, found \"+\""),
    Case("text for a length", one(shape: #"["1"]"#), "expected a whole number from 0"),
    Case("comma in a list", one(shape: "[1,]"), "expected a whole number from 0, found \"]\""),
    Case("list not closed", one(shape: "[1"), "expected a whole number from 0, found"),
    Case(
      "length over Int", one(shape: "[9223372036854775808]"),
      "expected a number of at most 9223372036854775807"),
    Case(
      "huge number", one(shape: "[" + String(repeating: "9", count: 100_000) + "]"),
      "expected a number of at most"),
    Case(
      "product over Int", one(shape: "[4294967296,4294967296]"),
      "expected a shape of the tensor \"a\" that can be, found [4294967296,4294967296]"),
    Case(
      "product with size over Int", one(shape: "[2305843009213693952]"), "that can be, found"),
    Case("product that wraps to 0", one(shape: "[4611686018427387904,4]"), "that can be, found"),
    Case(
      "sizes disagree", one(shape: "[2]"),
      "expected 8 bytes for the F32 numbers [2] of the tensor \"a\", found 4"),
    Case("too many bytes", one(offsets: "[0,8]"), data: 8, "expected 4 bytes for the F32 numbers"),
    Case("scalar without bytes", one(shape: "[]", offsets: "[0,0]"), data: 0, "expected 4 bytes"),
    Case("one offset", one(offsets: "[4]"), "expected data_offsets [begin,end]"),
    Case("three offsets", one(offsets: "[0,4,8]"), "found [0,4,8]"),
    Case("many offsets", one(offsets: "[0\(String(repeating: ",0", count: 999))]"), "0,0,0,…]"),
    Case("offsets reversed", one(offsets: "[4,0]"), "found [4,0]"),
    Case("offset negative", one(offsets: "[-4,0]"), "found \"-\""),
    Case("hole at the start", one(offsets: "[4,8]"), data: 8, "to start at 0, where"),
    Case("hole", two("[0,4]", "[8,12]"), data: 12, "of \"b\" to start at 4, where those before"),
    Case("overlap", two("[0,4]", "[2,6]"), data: 6, "of \"b\" to start at 4"),
    Case("same place", two("[0,4]", "[0,4]"), data: 4, "of \"b\" to start at 4"),
    Case(
      "cut", one(), data: 3, "expected 4 bytes after the header up to the end of the tensor \"a\""),
    Case(
      "offsets at the end of Int", one(offsets: "[9223372036854775803,9223372036854775807]"),
      "the file is cut short"),
    Case("bytes behind", one(), data: 5, "byte 66: expected the file to end with its last tensor"),
    Case("bytes behind nothing", "{}", data: 1, "byte 10: expected the file to end"),
    Case(
      "name twice", two("[0,4]", "[4,8]", names: ("a", "a")), data: 8,
      "expected each name once, found \"a\" again"),
    Case(
      "name twice, once escaped", two("[0,4]", "[4,8]", names: ("a", #"\u0061"#)), data: 8,
      "found \"a\" again"),
  ]

  static let texts: [Case] = [
    Case("metadata a text", #"{"__metadata__":"x"}"#, data: 0, "expected \"{\""),
    Case("metadata null", #"{"__metadata__":null}"#, data: 0, "expected \"{\""),
    Case("metadata a number", #"{"__metadata__":{"a":1}}"#, data: 0, "expected a text in quotes"),
    Case("metadata nested", #"{"__metadata__":{"a":{}}}"#, data: 0, "expected a text in quotes"),
    Case("metadata twice", #"{"__metadata__":{},"__metadata__":{}}"#, data: 0, "again"),
    Case("metadata key twice", #"{"__metadata__":{"a":"","a":""}}"#, data: 0, "\"a\" again"),
    Case("text not closed", #"{"a"#, data: 0, "expected the quote that ends a text"),
    Case("control character", "{\"a\nb\":{}}", data: 0, "without control characters"),
    Case("unknown escape", #"{"\x41":{}}"#, data: 0, "an escape that JSON knows, found \"x\""),
    Case("short escape", #"{"\u12":{}}"#, data: 0, "expected four hexadecimal digits"),
    Case("cut escape", #"{"\"#, data: 0, "expected the rest of an escape"),
    Case("high half alone", #"{"\ud83d":{}}"#, data: 0, "byte 10: expected both halves"),
    Case("low half alone", #"{"\ude00":{}}"#, data: 0, "expected both halves"),
    Case("two high halves", #"{"\ud83d\ud83d":{}}"#, data: 0, "expected both halves"),
    Case("high half, then n", #"{"\ud83d\n":{}}"#, data: 0, "expected both halves"),
    Case(
      "not UTF-8", bytes: file([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x7B, 0x7D, 0x7D], data: 0),
      "byte 10: expected a text in UTF-8"),
    Case(
      "surrogate in UTF-8", bytes: file([0x7B, 0x22, 0xED, 0xA0, 0x80, 0x22], data: 0),
      "expected a text in UTF-8"),
    Case(
      "overlong UTF-8", bytes: file([0x7B, 0x22, 0xC0, 0xA2, 0x22], data: 0),
      "expected a text in UTF-8"),
    Case(
      "long name, in the message", #"{"\#(String(repeating: "n", count: 5_000))":{}}"#, data: 0,
      "nnn…\", found none"),
    Case(
      "name that commands a terminal", #"{"\u001b[31m\n\u202e":{}}"#, data: 0,
      #""\u{1b}[31m\u{a}\u{202e}""#),
  ]

  @Test("It is refused, with a message that says why", arguments: structure + tensors + texts)
  func refused(_ file: Case) throws {
    let error = #expect(throws: FileError.self) {
      try SafeTensors(decoding: file.bytes, name: "bad.safetensors")
    }
    let message = error?.description ?? ""
    #expect(message.hasPrefix("bad.safetensors"))
    #expect(message.contains(file.message), "\(message)")
    #expect(Self.isOneLine(message))
    #expect(message.utf8.count < 400, "\(message)")
    #expect(error?.offset ?? 0 <= file.bytes.count)
  }

  @Test("What is unusual but within the rules is read")
  func unusual() throws {
    // Space between tokens, tensors named in another order than they lie, escapes in names, and
    // empty tensors that share a place.
    let header = """
      {\t"b" : {"data_offsets":[ 4 , 8 ],\r\n"shape":[],"dtype":"F32"},
      "\\ud83d\\uDE00\\/\\u00e9" :{"dtype":"F32","shape":[1,1,1],"data_offsets":[0,4]},
      "e":{"dtype":"I64","shape":[0,9223372036854775807],"data_offsets":[4,4]},
      "f":{"dtype":"I64","shape":[0],"data_offsets":[4,4]},"__metadata__":{"":"\\u0000"} }\("  ")
      """
    let file = try SafeTensors(decoding: Self.file(header, data: 8), name: "unusual")
    #expect(file.entries.map(\.name) == ["😀/é", "e", "f", "b"])
    #expect(file.metadata == ["": "\0"])
    #expect(try SafeTensors(decoding: file.encoded(), name: "again").metadata == file.metadata)
  }

  static let punctuation = Array("{\"}[]:,0\\".utf8)

  @Test("However a file is damaged, it is read or refused, and never a trap")
  func mutations() throws {
    var random = SeededGenerator(seed: 1)
    let originals = try ["network", "names", "types"].map(SafeTensorsTests.referenceBytes)
    var refused = 0
    for round in 0..<5_000 {
      var bytes = originals[round % originals.count]
      for _ in 0...random.index(below: 4) {
        // Most of the damage goes where it matters: to the header's length and the header.
        let place = random.index(below: random.index(below: 4) == 0 ? bytes.count : 200)
        switch random.index(below: 5) {
        case 0: bytes[place] ^= 1 << UInt8(random.index(below: 8))
        case 1: bytes[place] = UInt8(random.index(below: 256))
        case 2: bytes.remove(at: place)
        case 3: bytes.insert(Self.punctuation[random.index(below: 9)], at: place)
        default: bytes.removeLast(random.index(below: 20))
        }
      }
      do {
        let file = try SafeTensors(decoding: bytes, name: "damaged")
        #expect(try SafeTensors(decoding: file.encoded(), name: "again").metadata == file.metadata)
      } catch {
        refused += 1
        #expect(Self.isOneLine(error.description))
      }
    }
    #expect(refused > 4_000)
  }

  @Test("A file cut anywhere is refused")
  func cuts() throws {
    let bytes = try SafeTensorsTests.referenceBytes("network")
    for count in bytes.indices {
      #expect(throws: FileError.self, "\(count)") {
        try SafeTensors(decoding: Array(bytes[..<count]), name: "cut")
      }
    }
  }
}
