import Foundation
import Starling
import Testing

@Suite("Bad models and output folders: an error that names the file, nothing overwritten")
struct BadFileTests {
  /// A way to spoil a model's file.
  struct Damage: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let parts: [String]
    /// Whether only the architecture is spoiled, which `--init` does not read.
    let isInArchitecture: Bool
    let spoil: @Sendable (inout [UInt8]) -> Void

    init(
      _ description: String, _ parts: [String], isInArchitecture: Bool = false,
      _ spoil: @escaping @Sendable (inout [UInt8]) -> Void
    ) {
      testDescription = description
      self.parts = parts
      self.isInArchitecture = isInArchitecture
      self.spoil = spoil
    }
  }

  @Test(
    "A model that is cut, edited or none, for every command that reads one",
    arguments: [
      Damage("empty", []) { $0 = [] },
      Damage("cut", []) { $0.removeLast(1) },
      Damage("header cut", []) { $0.removeLast($0.count - 100) },
      Damage("longer", []) { $0.append(0) },
      Damage("no model", []) { $0 = Array("# A text\n".utf8) },
      Damage("another depth", ["layer 2 (Reshape)"], isInArchitecture: true) {
        edit(&$0, #"depth\":5"#, #"depth\":6"#)
      },
      Damage("an unknown layer", ["Sigmoyd"], isInArchitecture: true) {
        edit(&$0, "Sigmoid", "Sigmoyd")
      },
      Damage("a tensor of another name", ["5.bias"]) {
        edit(&$0, "5.bias", "6.bias")
      },
      Damage("a weight that is no number", ["NaN"]) {
        $0.replaceSubrange(($0.count - 4)..., with: [0, 0, 0xC0, 0x7F])
      },
    ])
  func models(_ damage: Damage) throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 2)
    try succeed("train", "--data", data, "--epochs", "1", "--out", "run", "--quiet", in: folder.url)
    var bytes = try folder.bytes(of: "run/model.safetensors")
    let original = bytes
    damage.spoil(&bytes)
    #expect(bytes != original)
    try folder.write(bytes, to: "run/model.safetensors")
    let before = try folder.contents(of: "run")
    let picture = try folder.draw("one.png") { x, _ in abs(x - 100) < 10 }
    let model = "run/model.safetensors"
    let commands = [
      ["evaluate", model, "--data", data], ["predict", model, picture],
      ["check-gradients", model], ["train", "--resume", "run", "--epochs", "2"],
      ["train", "--init", model, "--data", data, "--out", "other"],
    ]
    for command in commands where !(damage.isInArchitecture && command.contains("--init")) {
      expectError(
        try Running(command, in: folder.url).finish(), holding: ["model.safetensors"] + damage.parts
      )
    }
    #expect(try folder.contents(of: "run") == before)
    #expect(!folder.names(in: "").contains("other"))
  }

  @Test("A model of another architecture")
  func otherArchitecture() throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 2)
    _ = try folder.writeModel(to: "small.safetensors", side: 12)
    expectError(
      try starling("evaluate", "small.safetensors", "--data", data, in: folder.url),
      holding: ["1×12×12", "1×28×28"])
    expectError(
      try starling(
        "train", "--init", "small.safetensors", "--data", data, "--out", "run", in: folder.url),
      holding: ["small.safetensors", "0.bias", "layer 0 (Convolution)", "5×26×26", "5×10×10"])
    expectError(
      try starling("train", "--resume", ".", in: folder.url), holding: ["model.safetensors"])
    #expect(!folder.names(in: "").contains("run"))

    _ = try folder.writeModel(to: "model.safetensors")
    expectError(
      try starling("train", "--resume", ".", in: folder.url),
      holding: ["model.safetensors", "does not say how it was being trained"])
    expectError(
      try starling(
        "evaluate", "model.safetensors", "--data", data, "--classes", "1,0", in: folder.url),
      holding: ["model.safetensors", "0, 1", "1, 0", "--classes"])
    expectError(
      try starling("evaluate", "nowhere.safetensors", in: folder.url),
      holding: ["nowhere.safetensors", "check the path"])
  }

  @Test("--out on a run that is there, on a file, and where nothing may be written")
  func folders() throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 2)
    let train = ["train", "--data", data, "--epochs", "1", "--out"]
    #expect(try Running(train + ["run"], in: folder.url).finish().status == 0)
    let before = try folder.contents(of: "run")
    expectError(
      try Running(train + ["run"], in: folder.url).finish(),
      holding: ["run", "a run in this folder already", "model.safetensors", "--resume run"])
    #expect(try folder.contents(of: "run") == before)

    // Whatever a run writes, it writes over nobody's file of that name.
    #expect(before.count == 8)
    for name in before.keys.sorted() where name != "model.safetensors" {
      try folder.subfolder("of-\(name)")
      try folder.write(Array("mine".utf8), to: "of-\(name)/\(name)")
      expectError(
        try Running(train + ["of-\(name)"], in: folder.url).finish(),
        holding: ["of-\(name): there is a file \(name)", "another --out"])
      #expect(try folder.contents(of: "of-\(name)") == [name: Array("mine".utf8)])
    }
    try folder.subfolder("notes")
    for name in [".writable", "notes.txt"] {
      try folder.write(Array("mine".utf8), to: "notes/\(name)")
    }
    #expect(try Running(train + ["notes"], in: folder.url).finish().status == 0)
    #expect(
      folder.text(of: "notes/.writable") == "mine" && folder.text(of: "notes/notes.txt") == "mine")
    #expect(folder.names(in: "notes").count == 10)

    try folder.write(Array("mine".utf8), to: "file")
    expectError(
      try Running(train + ["file"], in: folder.url).finish(),
      holding: ["file: the folder cannot be made: File exists", "--out"])
    expectError(
      try Running(train + ["file/run"], in: folder.url).finish(),
      holding: ["file: the folder cannot be made: File exists", "--out"])
    #expect(folder.text(of: "file") == "mine")
  }

  @Test(
    "--out where the user may not write",
    .enabled(if: getuid() != 0, "the superuser may write everywhere"))
  func forbidden() throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 2)
    try folder.subfolder("locked")
    chmod(folder.path("locked"), 0o555)
    for out in ["locked", "locked/run"] {
      expectError(
        try starling("train", "--data", data, "--out", out, in: folder.url), holding: ["locked"])
    }
  }

  @Test("No room for the model: known before training, and nothing is overwritten")
  func noRoom() throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 2)
    // Blocks of 512 or 1024 bytes; a model has 1.4 MB.
    let run = try starling(
      "train", "--data", data, "--out", "run", in: folder.url, shell: "ulimit -f 600")
    expectError(run, holding: ["run", "cannot be written: File too large", "file sizes"])
    #expect(folder.names(in: "run") == [])

    try succeed("train", "--data", data, "--epochs", "1", "--out", "run", "--quiet", in: folder.url)
    let before = try folder.contents(of: "run")
    let resumed = try starling(
      "train", "--resume", "run", "--epochs", "2", in: folder.url, shell: "ulimit -f 600")
    expectError(resumed, holding: ["run", "cannot be written: File too large"])
    #expect(try folder.contents(of: "run") == before)
  }

  /// Replaces a text in a file's header by one of the same length, where it stands first.
  private static func edit(_ bytes: inout [UInt8], _ text: String, _ other: String) {
    let (old, new) = (Array(text.utf8), Array(other.utf8))
    guard old.count == new.count,
      let start = bytes.indices.first(where: { bytes[$0...].starts(with: old) })
    else { return }
    bytes.replaceSubrange(start..<start + old.count, with: new)
  }
}
