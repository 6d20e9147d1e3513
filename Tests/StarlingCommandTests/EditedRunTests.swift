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

  /// Writes a model's file with another note about its run.
  private func editNote(
    of name: String, in folder: TemporaryFolder, _ edit: (String) -> String
  ) throws {
    var file = try ModelFile(contentsOf: folder.path(name))
    file.notes["starling.run"] = edit(try #require(file.notes["starling.run"]))
    try file.write(to: folder.path(name))
  }
}
