import HTTPTypes
import StarlingLab
import Testing

@Suite("The API's description")
struct DescriptionTests {
  @Test("It has every path that is answered, with its methods, and no others")
  func paths() async throws {
    let description = try await lab { try await $0.get("/api/openapi.json") }
    #expect(description["openapi"] == "3.1.0")
    guard case .object(let paths) = description["paths"] else {
      Issue.record("there are no paths")
      return
    }
    let described = paths.mapValues { operations -> [String] in
      guard case .object(let operations) = operations else { return [] }
      return operations.keys.sorted().flatMap { $0 == "get" ? ["GET", "HEAD"] : [$0.uppercased()] }
    }
    #expect(described == (try Laboratory.interface()))
    #expect(described.count > 20)
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
