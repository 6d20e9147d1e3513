import Foundation
import Starling
import Testing

@Suite("starling train: killed while it saves")
struct KilledRunTests {
  @Test("SIGKILL at any time: the old model or the new one, never neither, and no litter")
  func kills() throws {
    let folder = try TemporaryFolder()
    let data = try folder.writeDigits(to: "data", perClass: 1)
    var random = SeededGenerator(seed: 1)
    var killed = 0
    var amidSave = 0
    var epoch = 0
    for attempt in 0..<200 where killed < 40 {
      // A run of one epoch more, killed soon after one of three moments.
      let isThere = folder.names(in: "run").contains("model.safetensors")
      let arguments =
        isThere
        ? ["train", "--resume", "run", "--epochs", "\(epoch + 1)", "--quiet"]
        : ["train", "--data", data, "--epochs", "1", "--out", "run", "--quiet"]
      if !isThere {
        // A run does not write over the history of one that was killed before it kept a model.
        for name in ["history.json", "history.csv"] {
          try? FileManager.default.removeItem(at: folder.file("run/\(name)"))
        }
      }
      let before = Set(folder.names(in: "run"))
      let history = fileNumber(of: "run/history.csv", in: folder)
      let running = try Running(arguments, in: folder.url)
      let hasCome = running.wait {
        switch attempt % 3 {
        case 0: hasBegun("", since: before, in: folder)
        case 1: hasBegun("model.safetensors.", since: before, in: folder)
        default: fileNumber(of: "run/history.csv", in: folder) != history
        }
      }
      usleep(UInt32(random.uniform() * 3_000))
      if hasCome { running.send(SIGKILL) }
      let ended = running.finish()
      guard ended.status == -Int(SIGKILL) else {
        #expect(ended.status == 0, "\(ended.errors)")
        epoch += 1
        continue
      }
      killed += 1
      let names = folder.names(in: "run")
      if names.contains(where: { $0.hasSuffix(".partial") }) { amidSave += 1 }
      #expect(names.contains("model.safetensors") || !isThere, "the model was there before")
      if names.contains("model.safetensors") {
        let found = try epochOfModel(in: folder)
        #expect(found == epoch || found == epoch + 1)
        epoch = found
      }
    }
    #expect(killed >= 30)
    #expect(amidSave > 0, "no kill came amid a save, so this shows nothing")

    try succeed(
      "train", "--resume", "run", "--epochs", "\(epoch + 1)", "--quiet", in: folder.url)
    #expect(try epochOfModel(in: folder) == epoch + 1)
    #expect(folder.names(in: "run").filter { $0.hasPrefix(".") } == [])
    let rows = folder.text(of: "run/history.csv").split(separator: "\n").dropFirst()
    let epochs = rows.compactMap { row in row.split(separator: ",").first.flatMap { Int($0) } }
    #expect(epochs == Array(1...epoch + 1))
  }

  /// Whether a file whose name begins so is being written beside its place.
  private func hasBegun(
    _ name: String, since before: Set<String>, in folder: TemporaryFolder
  ) -> Bool {
    folder.names(in: "run").contains { $0.hasPrefix("." + name) && !before.contains($0) }
  }

  /// What the file system calls a file, which is another as soon as the file has been replaced.
  private func fileNumber(of name: String, in folder: TemporaryFolder) -> Int? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: folder.path(name))
    return attributes?[.systemFileNumber] as? Int
  }

  /// How many epochs the model has learned for; an error if it does not load.
  private func epochOfModel(in folder: TemporaryFolder) throws -> Int {
    struct Record: Decodable {
      struct Progress: Decodable { let epoch: Int }
      let progress: Progress
    }
    let model = try ModelFile(contentsOf: folder.path("run/model.safetensors"))
    let note = try #require(model.notes["starling.run"])
    return try JSONDecoder().decode(Record.self, from: Data(note.utf8)).progress.epoch
  }
}
