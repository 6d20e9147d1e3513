import Foundation
import Testing

@Suite("Bad data: one line that names the file and the remedy, exit code 1, nothing written")
struct BadDataTests {
  /// A way to spoil one of the four files.
  struct Damage: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let file: String
    let parts: [String]
    let spoil: @Sendable (inout [UInt8]) -> Void

    init(
      _ description: String, _ file: String, _ parts: [String],
      _ spoil: @escaping @Sendable (inout [UInt8]) -> Void
    ) {
      (testDescription, self.file, self.parts, self.spoil) = (description, file, parts, spoil)
    }
  }

  static let images = "train-images-idx3-ubyte"
  static let labels = "t10k-labels-idx1-ubyte"

  @Test(
    "Damaged IDX files",
    arguments: [
      Damage("empty", images, ["expected"]) { $0 = [] },
      Damage("header cut", images, ["byte"]) { $0.removeLast($0.count - 7) },
      Damage("images cut", images, ["expected"]) { $0.removeLast() },
      Damage("a byte too many", labels, ["expected"]) { $0.append(0) },
      Damage("not IDX", labels, ["byte 0"]) { $0[2] = 9 },
      Damage("labels as images", images, ["byte"]) { $0[3] = 1 },
      Damage("a header that wants 3 TB", images, ["expected"]) {
        $0.replaceSubrange(4..<8, with: [0xFF, 0xFF, 0xFF, 0xFF])
      },
      Damage("sizes that overflow", images, ["expected"]) {
        $0.replaceSubrange(4..<16, with: [UInt8](repeating: 0xFF, count: 12))
      },
      Damage("more images than labels", images, ["train-labels-idx1-ubyte", "byte 4"]) {
        $0[7] += 1
        $0 += [UInt8](repeating: 0, count: 28 * 28)
      },
    ])
  func damaged(_ damage: Damage) throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 2)
    var bytes = try folder.bytes(of: "data/\(damage.file)")
    damage.spoil(&bytes)
    try folder.write(bytes, to: "data/\(damage.file)")
    try expectNothingButAnError(
      from: ["train", "--data", data], holding: damage.parts + [damage.file.prefix(5) + ""],
      in: folder)
  }

  @Test(
    "Damaged gzip files",
    arguments: [
      Damage("cut", images, ["\(images).gz"]) { $0.removeLast($0.count / 2) },
      Damage("its checksum cut", images, ["\(images).gz"]) { $0.removeLast(3) },
      Damage("a byte changed", images, ["\(images).gz"]) { $0[$0.count / 2] ^= 0x55 },
      Damage("its length changed", labels, ["\(labels).gz"]) { $0[$0.count - 1] ^= 1 },
    ])
  func damagedGzip(_ damage: Damage) throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 2, gzipped: true)
    var bytes = try folder.bytes(of: "data/\(damage.file).gz")
    damage.spoil(&bytes)
    try folder.write(bytes, to: "data/\(damage.file).gz")
    try expectNothingButAnError(
      from: ["train", "--data", data], holding: damage.parts, in: folder)
  }

  @Test("Missing files and folders, and classes that are not there")
  func missing() throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 2)
    try expectNothingButAnError(
      from: ["train", "--data", data, "--classes", "10"],
      holding: ["--classes", "no class 10", "0, 1"], in: folder)
    try expectNothingButAnError(
      from: ["train", "--data", "digits", "--classes", "0,10"],
      holding: ["--classes", "no class 10", "its classes are 0, 1, 2"], in: folder)
    try FileManager.default.removeItem(at: folder.file("data/\(Self.labels)"))
    try expectNothingButAnError(
      from: ["train", "--data", data], holding: ["data", "found no \(Self.labels)"], in: folder)
    try expectNothingButAnError(
      from: ["train", "--data", "nowhere"], holding: ["nowhere", "check the path"], in: folder)
    try expectNothingButAnError(
      from: ["train", "--data-dir", "nowhere"], holding: ["nowhere/mnist"], in: folder)
    expectError(try starling("data", "nowhere", in: folder.url), holding: ["nowhere"])
  }

  @Test("Images of another size, and halves without an image of the classes")
  func unfit() throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 2)
    // Ten of each class were written to test with; now all are ones.
    try folder.write(
      Array(folder.bytes(of: "data/\(Self.labels)").prefix(8)) + [UInt8](repeating: 1, count: 20),
      to: "data/\(Self.labels)")
    try expectNothingButAnError(
      from: ["train", "--data", data, "--classes", "0"],
      holding: ["data", "no test image of the classes 0", "choose classes"], in: folder)

    let small = try folder.writeDigits(to: "small", perClass: 2)
    for name in [Self.images, "t10k-images-idx3-ubyte"] {
      var bytes = try folder.bytes(of: "small/\(name)")
      // 28×28 pixels are 14×56 pixels.
      bytes[11] = 14
      bytes[15] = 56
      try folder.write(bytes, to: "small/\(name)")
    }
    try expectNothingButAnError(
      from: ["train", "--data", small],
      holding: ["small", "zero-one expects images of 1×28×28, got 1×14×56"], in: folder)
  }

  @Test("A picture folder with a file that is no picture")
  func pictures() throws {
    let folder = try TemporaryFolder()
    for name in ["ring", "stroke"] {
      try folder.subfolder("pictures/\(name)")
      for number in 1...5 {
        _ = try folder.draw("pictures/\(name)/\(number).png", width: 30, height: 30) { x, y in
          name == "ring" ? abs(hypot(x - 15, y - 15) - 9) < 2 : abs(x - 15) < Double(number)
        }
      }
    }
    try succeed(
      "train", "--data", "pictures", "--epochs", "1", "--out", "good", "--quiet", in: folder.url)
    try folder.write(Array("no picture".utf8), to: "pictures/ring/6.png")
    try expectNothingButAnError(
      from: ["train", "--data", "pictures"], holding: ["pictures/ring/6.png", "PNG"], in: folder)
  }

  /// Runs a command that must fail, and looks whether it has left anything.
  private func expectNothingButAnError(
    from arguments: [String], holding parts: [String], in folder: TemporaryFolder,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let run = try Running(arguments + ["--out", "run"], in: folder.url).finish()
    expectError(run, holding: parts, sourceLocation: sourceLocation)
    #expect(!folder.names(in: "").contains("run"), sourceLocation: sourceLocation)
  }
}
