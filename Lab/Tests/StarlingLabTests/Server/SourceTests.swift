import Foundation
import HTTPTypes
import LineByLine
import Testing

@Suite("The source that is shown")
struct SourceTests {
  private let room = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Sources/LineByLine")

  @Test("It is the source that was compiled, file by file")
  func files() async throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: room.path)
      .filter { $0.hasSuffix(".swift") }.sorted()
    let list = try await lab { try await $0.get("/api/source") }
    #expect(list["files"].list.compactMap(\.text) == names)
    for name in names {
      let answer = try await lab { try await $0.get("/api/source/\(name)") }
      #expect(answer["file"].text == name)
      let text = try String(contentsOf: room.appendingPathComponent(name), encoding: .utf8)
      #expect(answer["lines"].list.compactMap(\.text).map { $0 + "\n" }.joined() == text)
    }
  }

  @Test("Every line that a trace names stands where it says", arguments: SourceLine.allCases)
  func lines(line: SourceLine) async throws {
    let answer = try await lab { try await $0.get("/api/source/\(line.file)") }
    let shown = try #require(answer["lines"][line.number - 1].text)
    #expect(shown.contains(line.code))
  }

  @Test("A file that is not there is refused")
  func unknown() async throws {
    for name in ["Nothing.swift", "..%2fopenapi.json", "%2e%2e", "volume.swift"] {
      let answer = try await lab { try await $0.get("/api/source/\(name)") }
      #expect(answer.status == .notFound)
      #expect(answer.field == "file")
    }
  }
}
