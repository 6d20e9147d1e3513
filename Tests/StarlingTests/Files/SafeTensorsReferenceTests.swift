import Starling
import Testing

@Suite("Safetensors files of the reference writer")
struct SafeTensorsReferenceTests {
  typealias Files = SafeTensorsTests

  @Test(
    "Written again, a file has the same bytes",
    arguments: ["empty", "scalar", "network", "names", "types"])
  func sameBytes(name: String) throws {
    let file = try SafeTensors(contentsOf: Files.reference(name))
    #expect(try file.encoded() == Files.referenceBytes(name))
  }

  @Test("The same network, built here, has the same bytes")
  func network() throws {
    var file = SafeTensors(metadata: ["made by": "safetensors"])
    try file.add("0.weight", try Files.ramp([2, 1, 3, 3]))
    try file.add("0.bias", try Files.ramp([2, 2, 2]))
    try file.add("3.weight", try Files.ramp([2, 8]))
    try file.add("3.bias", try Files.ramp([2]))
    try file.add("10.bias", try Files.ramp([1]))
    #expect(try file.encoded() == Files.referenceBytes("network"))
  }

  @Test("Names and metadata of all kinds, built here, have the same bytes")
  func names() throws {
    var file = SafeTensors(
      metadata: ["controls \u{1}\u{1F}\u{7F}\u{8}\u{C}\r\n": "text \"\\\" ⋆ 😀 \u{2028}"])
    try file.add("😀", try Files.ramp([1]))
    try file.add("\u{FFFF}", try Files.ramp([1]))
    try file.add("größe ⋆", try Files.ramp([2]))
    try file.add("Z", try Files.ramp([1]))
    try file.add("a", try Files.ramp([0, 3]))
    try file.add("", try Files.ramp([1, 1]))
    try file.add(
      "quote \" backslash \\ slash / newline \n tab \t", try Files.ramp([3]))
    #expect(try file.encoded() == Files.referenceBytes("names"))
  }

  @Test("A single number, and a file of nothing, have the same bytes")
  func small() throws {
    var file = SafeTensors()
    #expect(try file.encoded() == Files.referenceBytes("empty"))
    try file.add("epoch", try Files.ramp([]))
    #expect(try file.encoded() == Files.referenceBytes("scalar"))
  }

  @Test("All types are read, and the floating-point ones become numbers")
  func types() throws {
    let file = try SafeTensors(contentsOf: Files.reference("types"))
    #expect(file.entries.map(\.name) == file.entries.map(\.type.rawValue))
    #expect(file.entries.map(\.type) == SafeTensors.ElementType.allCases)
    for entry in file.entries {
      #expect(entry.data.count == 3 * entry.type.size)
    }
    for (name, subnormal) in [("F64", 0), ("F32", 0x1p-149), ("F16", 0x1p-24), ("BF16", 0x1p-133)] {
      #expect(try file.tensor(named: name)?.elements == [1.5, -2, Float(subnormal)])
    }
    for name in ["I64", "U8", "BOOL"] {
      let error = #expect(throws: FileError.self) { try file.tensor(named: name) }
      #expect(
        error?.description
          == "\(Files.reference("types")): expected the tensor \"\(name)\" to be F32, F64, F16 or "
          + "BF16, found \(name); convert it to F32 before it is saved")
    }
  }

  @Test("Types that lie in another order are written in the reference's")
  func orderOfTypes() throws {
    let expected = try Files.referenceBytes("types")
    var members: [String] = []
    var data: [UInt8] = []
    for entry in try SafeTensors(decoding: expected, name: "types").entries.reversed() {
      let end = data.count + entry.data.count
      members.append(
        #""\#(entry.name)":{"dtype":"\#(entry.type.rawValue)","shape":[3],"#
          + #""data_offsets":[\#(data.count),\#(end)]}"#)
      data += entry.data
    }
    let header = Array("{\(members.joined(separator: ","))}".utf8)
    let length = [UInt8(header.count & 0xFF), UInt8(header.count >> 8), 0, 0, 0, 0, 0, 0]
    let reversed = try SafeTensors(decoding: length + header + data, name: "reversed")
    #expect(reversed.entries.first?.type == .bool)
    #expect(reversed.encoded() == expected)
  }

  @Test("Half-precision numbers, all 65,536, have the value of their three fields")
  func halfPrecision() throws {
    let bits = (0..<UInt16.max).map { $0 } + [UInt16.max]
    let header = #"{"x":{"dtype":"F16","shape":[65536],"data_offsets":[0,131072]}}"#
    let data = bits.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let file = try SafeTensors(
      decoding: [UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + data,
      name: "halves")
    let values = try #require(try file.tensor(named: "x")).elements
    for (bits, value) in zip(bits, values) {
      let sign: Float = bits & 0x8000 == 0 ? 1 : -1
      let exponent = Int(bits >> 10 & 0x1F)
      let fraction = Float(bits & 0x3FF) / 1024
      let expected =
        switch exponent {
        case 0: sign * fraction * 0x1p-14
        case 31: fraction == 0 ? sign * .infinity : .nan
        default: sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction)
        }
      #expect(
        expected.isNaN ? value.isNaN : value.bitPattern == expected.bitPattern, "\(bits)")
    }
  }
}
