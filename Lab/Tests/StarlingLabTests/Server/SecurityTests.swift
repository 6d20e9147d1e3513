import HTTPTypes
import NIOCore
import Testing

@Suite("Who may ask, and what every answer says")
struct SecurityTests {
  @Test(
    "Every response has the headers, errors too",
    arguments: ["/", "/1", "/nothing", "/api/source", "/api/source/nothing", "/api/backward"])
  func headers(path: String) async throws {
    for method in [HTTPRequest.Method.get, .head, .delete] {
      let answer = try await lab { try await $0.get(path, method: method) }
      #expect(
        answer.headers[.contentSecurityPolicy]
          == "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
          + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
      #expect(answer.headers[.xContentTypeOptions] == "nosniff")
      #expect(answer.headers[try #require(HTTPField.Name("Referrer-Policy"))] == "no-referrer")
      let corp = try #require(HTTPField.Name("Cross-Origin-Resource-Policy"))
      #expect(answer.headers[corp] == "same-origin")
      let isFile = path == "/1" && method != .delete
      #expect(answer.headers[.cacheControl] == (isFile ? "no-cache" : "no-store"))
      if method == .head { #expect(answer.body.readableBytes == 0) }
    }
  }

  @Test("HEAD is GET without a body")
  func head() async throws {
    let (head, get) = try await lab { client in
      (
        try await client.get("/api/source", method: .head),
        try await client.get("/api/source")
      )
    }
    #expect(head.status == .ok)
    #expect(head.headers[.contentLength] == "\(get.body.readableBytes)")
    #expect(head.body.readableBytes == 0)
  }

  @Test("A form on another site cannot post; this server's pages can")
  func origins() async throws {
    let body = #"{"x": 0}"#
    for origin in ["http://evil.example", "null", "https://localhost", "http://localhost:1", ""] {
      let answer = try await lab {
        try await $0.post("/api/sigmoid", body, headers: [.origin: origin])
      }
      #expect(answer.status == .forbidden)
      #expect(answer.field == "Origin")
    }
    let answer = try await lab {
      try await $0.post("/api/sigmoid", body, headers: [.origin: "http://localhost"])
    }
    #expect(answer.status == .ok)
  }
}
