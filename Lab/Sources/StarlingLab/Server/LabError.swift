package import HTTPTypes
package import Hummingbird
import HummingbirdCore
import NIOCore

/// What is wrong with a request: a status, the field, and one line for its reader.
///
/// It is answered as `{"error": {"field": "x[1]", "message": "x[1]: expected …, found …; …"}}`.
package struct LabError: Error, Hashable, Sendable {
  /// The status, from 400 to 499; 500 for a fault of this program.
  package let status: HTTPResponse.Status
  /// Which part of the request, such as `x[1]`; empty if it is the request as a whole.
  package let field: String
  /// One line: where, what was expected, what was found, and what to do.
  package let message: String
  /// The methods that a path has, where the one asked for is none of them.
  let allowed: [String]

  /// A problem in words of its own, with a body or a value: status 400.
  package init(field: String = "", _ message: String) {
    self.init(.badRequest, field: field, message)
  }

  /// A problem in words of its own.
  package init(
    _ status: HTTPResponse.Status, field: String = "", allowed: [String] = [], _ message: String
  ) {
    self.status = status
    self.field = field
    self.allowed = allowed
    self.message = message
  }

  /// A field that holds something else than was expected.
  package init(field: String, expected: String, found: String, remedy: String) {
    let place = field.isEmpty ? "the body" : field
    self.init(field: field, "\(place): expected \(expected), found \(found); \(remedy)")
  }
}

extension LabError {
  /// The answer that tells the client.
  package var response: Response {
    var response = Response(status: status, contentType: "application/json", bytes: bytes)
    if !allowed.isEmpty { response.headers[.allow] = allowed.joined(separator: ", ") }
    return response
  }

  /// What the answer says.
  var bytes: ByteBuffer {
    ByteBuffer(json: ErrorAnswer(error: .init(field: field, message: message)))
  }

  private struct ErrorAnswer: Encodable {
    struct Content: Encodable {
      let field, message: String
    }
    let error: Content
  }
}

/// A text from a request as an error quotes it: in quotes, shortened, and without control characters.
package func quoted(_ text: some StringProtocol) -> String { "'\(shortened(text))'" }

/// The beginning of a text that is not ours, on one line.
package func shortened(_ text: some StringProtocol) -> String {
  let most = 40
  let start = text.unicodeScalars.prefix(most).map { scalar in
    scalar.properties.generalCategory == .control ? " " : String(scalar)
  }.joined()
  return start + (text.unicodeScalars.dropFirst(most).isEmpty ? "" : "…")
}
