import Foundation
import Starling
import Testing

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite("Safetensors files")
struct SafeTensorsTests {
  static var isUnoptimised: Bool {
    #if DEBUG
      true
    #else
      false
    #endif
  }

  /// 0, 0.5, 1, … in the given shape.
  static func ramp(_ shape: Shape) throws -> Tensor {
    try Tensor(shape, elements: (0..<shape.count).map { Float($0) * 0.5 })
  }

  /// The path of a file that the reference writer made; `Tests/Oracles/safetensors_files.py`.
  static func reference(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
      .appending(path: "Oracles/safetensors/\(name).safetensors").path(percentEncoded: false)
  }

  /// The bytes of a file that the reference writer made.
  static func referenceBytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: reference(name))))
  }

  @Test("What is written is read back: every bit, shape and string")
  func roundTrip() throws {
    let odd: [Float] = [0, -0.0, .infinity, -.infinity, .leastNonzeroMagnitude, .pi]
    var file = SafeTensors(metadata: ["b": "two\nlines", "a": "\u{0} \"⋆\"", "": ""])
    try file.add("scalar", try Tensor([], elements: [3]))
    try file.add("odd", try Tensor([2, 3], elements: odd))
    try file.add("nan", try Tensor([1], elements: [.nan]))
    try file.add("none", Tensor(zeros: [0, 4]))
    let back = try SafeTensors(decoding: file.encoded(), name: "copy")
    #expect(back.metadata == file.metadata)
    #expect(back.entries.map(\.name) == ["nan", "none", "odd", "scalar"])
    #expect(back.entries.map(\.shape) == [[1], [0, 4], [2, 3], []])
    #expect(try back.tensor(named: "odd")?.elements.map(\.bitPattern) == odd.map(\.bitPattern))
    #expect(try back.tensor(named: "nan")?.elements.first?.isNaN == true)
    #expect(try back.tensor(named: "scalar") == Tensor([], elements: [3]))
    #expect(try back.tensor(named: "none") == Tensor(zeros: [0, 4]))
    #expect(try back.tensor(named: "other") == nil)
    #expect(back.entry(named: "scalar")?.data == [0, 0, 0x40, 0x40])
    #expect(back.name == "copy")
  }

  @Test("The bytes depend on the contents, not on the order in which they came")
  func orderOfAdding() throws {
    let names = ["b", "a", "é", "z", "10", "9", "Z"]
    var forward = SafeTensors(metadata: ["x": "1", "y": "2", "z": "3"])
    var backward = SafeTensors(metadata: ["z": "3", "x": "1", "y": "2"])
    for name in names { try forward.add(name, try Self.ramp([2])) }
    for name in names.reversed() { try backward.add(name, try Self.ramp([2])) }
    #expect(forward.encoded() == backward.encoded())
    #expect(forward != backward)
    let back = try SafeTensors(decoding: forward.encoded(), name: "copy")
    #expect(back.entries.map(\.name) == ["10", "9", "Z", "a", "b", "z", "é"])
    #expect(
      String(decoding: forward.encoded()[8...], as: UTF8.self)
        .hasPrefix(#"{"__metadata__":{"x":"1","y":"2","z":"3"},"10":"#))
  }

  @Test("The numbers begin at a multiple of eight")
  func alignment() throws {
    for length in 0..<16 {
      var file = SafeTensors()
      try file.add(String(repeating: "n", count: length), try Self.ramp([1]))
      #expect(file.encoded().count % 8 == 4, "\(length)")
    }
  }

  @Test("A name is given once, and never the format's own")
  func takenNames() throws {
    var file = SafeTensors()
    try file.add("a", try Self.ramp([1]))
    for name in ["a", "__metadata__"] {
      let error = #expect(throws: FileError.self) { try file.add(name, Tensor(zeros: [1])) }
      #expect(
        error?.description
          == "new safetensors file: the name \"\(name)\" is already taken; give each tensor a name "
          + "of its own")
    }
    #expect(file.entries.count == 1)
  }

  @Test("A file goes to disk and comes back")
  func disk() throws {
    try withTemporaryFolder { folder in
      var file = SafeTensors(metadata: ["classes": "0,1"])
      try file.add("0.weight", try Self.ramp([5, 1, 3, 3]))
      try file.write(to: "\(folder)/model.safetensors")
      #expect(try SafeTensors(contentsOf: "\(folder)/model.safetensors") == file)
    }
  }

  @Test("A file that cannot be read is an error that names it")
  func unreadable() throws {
    try withTemporaryFolder { folder in
      #expect(mkfifo("\(folder)/pipe", 0o600) == 0)
      for (path, fragment) in [
        ("\(folder)/none", "cannot be read: No such file or directory; check the path"),
        ("\(folder)/pipe", "expected a file, found a folder or a device"),
        (folder, "expected a file, found a folder or a device; give the path of a file"),
        ("/dev/null", "expected a file, found a folder or a device"),
        ("", "cannot be read"), ("\(folder)/\0", "cannot be read"),
      ] {
        let error = #expect(throws: FileError.self) { try SafeTensors(contentsOf: path) }
        #expect(error?.file == path)
        #expect(error?.description.contains(fragment) == true, "\(error?.description ?? "")")
      }
      let huge = "\(folder)/huge"
      try Data().write(to: URL(filePath: huge))
      // Sparse: it takes no room on disk. Where the file system refuses, the file stays empty.
      truncate(huge, 1 << 42)
      #expect(throws: FileError.self) { try SafeTensors(contentsOf: huge) }
    }
  }

  @Test(
    "A header beyond the format's limit is not written",
    .disabled(if: isUnoptimised, "100 million bytes take seconds in a debug build"))
  func tooMuchMetadata() throws {
    try withTemporaryFolder { folder in
      let text = String(decoding: [UInt8](repeating: 32, count: 100_000_001), as: UTF8.self)
      let file = SafeTensors(metadata: ["": text])
      let error = #expect(throws: FileError.self) { try file.write(to: "\(folder)/a") }
      #expect(error?.description.contains("at most 100000000 bytes") == true)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(names.isEmpty)
    }
  }
}
