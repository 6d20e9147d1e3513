import Foundation
import HTTPTypes
import NIOCore
import StarlingLab
import Testing

@Suite("The page's files")
struct SiteTests {
  @Test("The root leads to the first page, and all ten pages are one file")
  func pages() async throws {
    let answers = try await lab { client in
      var answers = [try await client.get("/")]
      for page in 1...10 { answers.append(try await client.get("/\(page)?step=3")) }
      return answers
    }
    #expect(answers[0].status == .seeOther)
    #expect(answers[0].headers[.location] == "/1")
    for answer in answers.dropFirst() {
      #expect(answer.status == .ok)
      #expect(answer.headers[.contentType] == "text/html; charset=utf-8")
      #expect(answer.body == answers[1].body)
    }
  }

  @Test("A slash too many leads to the page without it, with the same query")
  func slash() async throws {
    let answers = try await lab { client in
      (try await client.get("/1/"), try await client.get("/10/?run=a&x=1%202"))
    }
    #expect(answers.0.status == .seeOther)
    #expect(answers.0.headers[.location] == "/1")
    #expect(answers.1.status == .seeOther)
    #expect(answers.1.headers[.location] == "/10?run=a&x=1%202")
  }

  @Test("A file that has not changed is not sent again")
  func entityTags() async throws {
    let first = try await lab { try await $0.get("/1") }
    let tag = try #require(first.headers[.eTag])
    #expect(first.headers[.cacheControl] == "no-cache")
    let (again, other) = try await lab { client in
      (
        try await client.get("/1", headers: [.ifNoneMatch: "\"x\", \(tag)"]),
        try await client.get("/1", headers: [.ifNoneMatch: "\"x\""])
      )
    }
    #expect(again.status == .notModified)
    #expect(again.body.readableBytes == 0)
    #expect(again.headers[.eTag] == tag)
    #expect(other.status == .ok)
  }

  @Test(
    "Nothing else can be read",
    arguments: [
      "/0", "/11", "/01", "/1//", "/01/", "/11/", "/index", "/js", "/js/", "/../openapi.json",
      "/js/../../openapi.json",
      "/%2e%2e/openapi.json", "/..%2fopenapi.json", "/..\\openapi.json", "/source/Volume.swift",
      "/./index.html", "//etc/passwd", "/etc/passwd", "/%00", "/.hidden",
    ])
  func nothingElse(path: String) async throws {
    let answer = try await lab { try await $0.get(path) }
    #expect(answer.status == .notFound)
    #expect(answer.field == "path")
    #expect(answer.message.contains("there is no such page; the pages are /1 to /10"))
  }

  @Test("A folder of one's own is read anew at each request, and nothing outside it")
  func ownFolder() async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("starling-lab-\(UUID().uuidString)")
    let site = folder.appendingPathComponent("site")
    try FileManager.default.createDirectory(
      at: site.appendingPathComponent("js"), withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func write(_ text: String, _ name: String) throws {
      try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }
    try write("first", "site/index.html")
    try write("secret", "secret.txt")
    try write("hidden", "site/.hidden")
    try FileManager.default.createSymbolicLink(
      at: site.appendingPathComponent("link.txt"),
      withDestinationURL: folder.appendingPathComponent("secret.txt"))
    var settings = Laboratory.Settings()
    settings.siteFolder = site
    let before = try await lab(settings) { try await $0.get("/7") }
    try write("second", "site/index.html")
    try write("code", "site/js/a.js")
    let after = try await lab(settings) { client in
      var answers: [Answer] = []
      for path in ["/7", "/js/a.js", "/../secret.txt", "/link.txt", "/.hidden"] {
        answers.append(try await client.get(path))
      }
      return answers
    }
    #expect(String(buffer: before.body) == "first")
    #expect(String(buffer: after[0].body) == "second")
    #expect(after[1].headers[.contentType] == "text/javascript; charset=utf-8")
    #expect(after[2...].allSatisfy { $0.status == .notFound })

    settings.siteFolder = folder
    #expect(throws: LabError.self) { try Laboratory.application(settings) }
  }
}
