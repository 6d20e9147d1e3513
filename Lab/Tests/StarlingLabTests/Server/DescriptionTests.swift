import HTTPTypes
import Testing

@Suite("The API's description")
struct DescriptionTests {
  @Test("Every path that it names is there, with these methods and no others")
  func paths() async throws {
    let description = try await lab { try await $0.get("/api/openapi.json") }
    #expect(description["openapi"] == "3.1.0")
    guard case .object(let paths) = description["paths"] else {
      Issue.record("there are no paths")
      return
    }
    #expect(paths.count == 28)
    for (path, operations) in paths {
      let address = path.replacing("{file}", with: "Volume.swift").replacing("{id}", with: "none")
      let wrong = try await lab { try await $0.get(address, method: .delete) }
      #expect(wrong.status == .methodNotAllowed, "\(path)")
      let expected = operations["get"] == .null ? "POST" : "GET, HEAD"
      #expect(wrong.headers[.allow]?.hasPrefix(expected) == true, "\(path)")
    }
  }

  @Test("Every example that it gives is answered")
  func examples() async throws {
    let description = try await lab { try await $0.get("/api/openapi.json") }
    guard case .object(let paths) = description["paths"] else { return }
    var count = 0
    for (path, operations) in paths {
      let content = operations["post"]["requestBody"]["content"]["application/json"]
      guard content["example"] != .null else { continue }
      count += 1
      let answer = try await lab { try await $0.post(path, content["example"].written) }
      #expect([.ok, .created].contains(answer.status), "\(path): \(answer.message)")
    }
    #expect(count > 10)
  }
}

extension JSON {
  /// The JSON as it is written.
  fileprivate var written: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let number): "\(number)"
    case .text(let text): "\"\(text)\""
    case .list(let elements): "[" + elements.map(\.written).joined(separator: ",") + "]"
    case .object(let fields):
      "{" + fields.map { "\"\($0)\":\($1.written)" }.joined(separator: ",") + "}"
    }
  }
}
