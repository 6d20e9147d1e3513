import HTTPTypes
import Hummingbird
import HummingbirdCore

/// What every response says of itself, errors too.
///
/// A page may load scripts, styles and numbers from this server and from nowhere else, and may run no
/// script that stands in the page itself. A page of another site may not even load its files.
enum SecurityHeaders {
  private static let policy = [
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:",
    "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
  ].joined(separator: "; ")

  /// Adds them.
  static func add(to headers: inout HTTPFields) {
    headers[.contentSecurityPolicy] = policy
    headers[.xContentTypeOptions] = "nosniff"
    headers[.referrerPolicy] = "no-referrer"
    headers[.crossOriginResourcePolicy] = "same-origin"
    // Files say for themselves how long they hold; numbers hold for the moment.
    if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
  }
}

extension HTTPField.Name {
  /// `Referrer-Policy`.
  static let referrerPolicy = HTTPField.Name(validated: "Referrer-Policy")

  /// `Cross-Origin-Resource-Policy`.
  static let crossOriginResourcePolicy = HTTPField.Name(validated: "Cross-Origin-Resource-Policy")

  /// A name that is known to be one.
  private init(validated name: String) {
    guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is no header") }
    self = name
  }
}

/// Adds the headers to all responses, and takes the body off those to HEAD.
struct SecurityHeadersMiddleware: RouterMiddleware {
  func handle(
    _ request: Request, context: LabContext,
    next: (Request, LabContext) async throws -> Response
  ) async throws -> Response {
    var response = try await next(request, context)
    SecurityHeaders.add(to: &response.headers)
    return request.method == .head ? response.createHeadResponse() : response
  }
}
