import Foundation
import Starling
import Testing

@Suite("A run whose model's note, or whose data, somebody has edited is not resumed")
struct EditedRunTests {
  /// A folder with data, and a run that has been through two epochs of them.
  private static func trained() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 2)
    try succeed("train", "--data", data, "--epochs", "2", "--out", "run", "--quiet", in: folder.url)
    return folder
  }

  @Test(
    "Numbers of epochs that nobody trains for",
    arguments: [
      (#""epochs":2"#, #""epochs":9223372036854775807"#, "9223372036854775807"),
      (#""epochs":2"#, #""epochs":-1"#, "-1"),
      (#""epoch":2"#, #""epoch":9223372036854775806"#, "9223372036854775806"),
    ])
  func epochs(old: String, new: String, found: String) throws {
    let folder = try Self.trained()
    try editNote(of: "run/model.safetensors", in: folder) { note in
      #expect(note.contains(old))
      return note.replacingOccurrences(of: old, with: new)
    }
    let before = try folder.contents(of: "run")
    expectError(
      try starling("train", "--resume", "run", in: folder.url),
      holding: ["run/model.safetensors", "at most 1,000,000 epochs, found \(found)"])
    #expect(try folder.contents(of: "run") == before)
  }

  @Test("More images seen in an epoch than there are")
  func imagesSeen() throws {
    let folder = try Self.trained()
    try editNote(of: "run/model.safetensors", in: folder) {
      $0.replacingOccurrences(of: #""imagesSeen":0"#, with: #""imagesSeen":5"#)
    }
    expectError(
      try starling("train", "--resume", "run", "--epochs", "3", in: folder.url),
      holding: ["run/model.safetensors", "at most 4 images seen", "found 5"])
  }

  @Test("Images that are others than those the run began with, by number or by a pixel or a label")
  func otherImages() throws {
    let folder = try Self.trained()
    let before = try folder.contents(of: "run")
    let resume = ["train", "--resume", "run", "--epochs", "3"]
    let parts = ["\(folder.path("data")): the training images", "run", "begin another run"]

    for (name, position) in [("images-idx3", 1000), ("labels-idx1", 9)] {
      let file = "data/train-\(name)-ubyte"
      let original = try folder.bytes(of: file)
      var bytes = original
      bytes[position] ^= 1
      try folder.write(bytes, to: file)
      expectError(
        try Running(resume, in: folder.url).finish(), holding: parts + ["but others"])
      try folder.write(original, to: file)
    }
    try FileManager.default.moveItem(at: folder.file("data"), to: folder.file("elsewhere"))
    expectError(try Running(resume, in: folder.url).finish(), holding: [folder.path("data")])
    _ = try folder.writeDigits(to: "data", perClass: 3)
    expectError(
      try Running(resume, in: folder.url).finish(), holding: parts + ["but 6 instead of 4"])
    #expect(try folder.contents(of: "run") == before)
  }

  @Test("A run is resumed from another working directory, with the folder that it began with")
  func workingDirectory() throws {
    let folder = try TemporaryFolder()
    _ = try folder.writeDigits(to: "data", perClass: 2)
    try succeed(
      "train", "--data", "data", "--epochs", "1", "--out", "run", "--quiet", in: folder.url)
    try folder.subfolder("there")
    try succeed(
      "train", "--resume", "../run", "--epochs", "2", "--quiet", in: folder.file("there"))
    let history = try JSONSerialization.jsonObject(with: Data(folder.bytes(of: "run/history.json")))
    #expect((history as? [[String: Double]])?.count == 2)
  }

  /// Writes a model's file with another note about its run.
  private func editNote(
    of name: String, in folder: TemporaryFolder, _ edit: (String) -> String
  ) throws {
    var file = try ModelFile(contentsOf: folder.path(name))
    file.notes["starling.run"] = edit(try #require(file.notes["starling.run"]))
    try file.write(to: folder.path(name))
  }
}
