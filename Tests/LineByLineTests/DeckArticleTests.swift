import Foundation
import Testing

@Suite("The article that walks the deck")
struct DeckArticleTests {
  private let room = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Sources/LineByLine")

  @Test("Its pieces of Swift are lines of the source, in one piece")
  func excerptsAreTrue() throws {
    let sources = try FileManager.default.contentsOfDirectory(atPath: room.path)
      .filter { $0.hasSuffix(".swift") }.map { try lines(of: text(of: $0)) }
    let fenced = try text(of: "LineByLine.docc/TheDeck.md").components(separatedBy: "```")
    #expect(fenced.count % 2 == 1, "every fence has its counterpart")
    // Text between fences is every second part; that which begins with the word is Swift.
    let excerpts = stride(from: 1, to: fenced.count, by: 2).map { fenced[$0] }
      .filter { $0.hasPrefix("swift\n") }.map { lines(of: String($0.dropFirst("swift\n".count))) }
    #expect(excerpts.count > 10)
    for excerpt in excerpts {
      let isThere = sources.contains { source in
        source.indices.contains { source[$0...].starts(with: excerpt) }
      }
      #expect(isThere, "not in the source: \(excerpt)")
    }
  }

  private func text(of file: String) throws -> String {
    try String(contentsOf: room.appendingPathComponent(file), encoding: .utf8)
  }

  /// A text's lines without indentation, and none that are empty.
  private func lines(of text: String) -> [String] {
    text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
  }
}
