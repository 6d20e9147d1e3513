import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import StarlingLab

/// Asks a laboratory, without a network unless a test needs one.
///
///     let answer = try await lab { try await $0.post("/api/sigmoid", #"{"x": 0}"#) }
///     #expect(answer.status == .ok)
///     #expect(answer["y"] == 0.5)
func lab<Value: Sendable>(
  _ settings: Laboratory.Settings = .init(), through setup: TestingSetup = .router,
  _ test: @Sendable @escaping (any TestClientProtocol) async throws -> Value
) async throws -> Value {
  try await Laboratory.application(settings).test(setup) { client in try await test(client) }
}

/// What a laboratory answers.
struct Answer: Sendable {
  let status: HTTPResponse.Status
  let headers: HTTPFields
  let body: ByteBuffer

  /// The body as JSON; `null`, if it is none.
  var json: JSON {
    (try? JSONDecoder().decode(JSON.self, from: Data(body.readableBytesView))) ?? .null
  }

  /// A field of the body.
  subscript(name: String) -> JSON { json[name] }

  /// The field that an error names.
  var field: String? { self["error"]["field"].text }
  /// What an error says.
  var message: String { self["error"]["message"].text ?? "" }
}

extension TestClientProtocol {
  /// Asks with GET, or another method that has no body.
  func get(
    _ path: String, method: HTTPRequest.Method = .get, headers: HTTPFields = [:]
  ) async throws -> Answer {
    try await execute(uri: path, method: method, headers: headers) { response in
      Answer(status: response.status, headers: response.headers, body: response.body)
    }
  }

  /// Posts a body, which is JSON unless the headers say otherwise.
  func post(_ path: String, _ body: String, headers: HTTPFields = [:]) async throws -> Answer {
    var headers = headers
    if headers[.contentType] == nil { headers[.contentType] = "application/json" }
    return try await execute(
      uri: path, method: .post, headers: headers, body: ByteBuffer(string: body)
    ) { response in
      Answer(status: response.status, headers: response.headers, body: response.body)
    }
  }
}
