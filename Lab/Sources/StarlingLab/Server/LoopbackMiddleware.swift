import HTTPTypes
import Hummingbird
import HummingbirdCore

/// Lets in only what comes from this machine's own pages.
///
/// The server listens on the loopback address, which a page of another site can still reach: by a
/// name of its own that it points to 127.0.0.1 (then Host is that name), or by sending a form here
/// (then Origin is that site).
struct LoopbackMiddleware: RouterMiddleware {
  private static let names: Set<String> = ["127.0.0.1", "localhost", "[::1]"]

  func handle(
    _ request: Request, context: LabContext,
    next: (Request, LabContext) async throws -> Response
  ) async throws -> Response {
    let authority = request.head.authority ?? ""
    guard Self.names.contains(Self.host(of: authority)) else {
      throw LabError(
        .forbidden, field: "Host",
        "Host: expected 127.0.0.1, localhost or [::1], found "
          + "\(authority.isEmpty ? "none" : quoted(authority)); use the address that was printed")
    }
    if request.method != .get, request.method != .head, let origin = request.headers[.origin] {
      guard origin.lowercased() == "http://" + authority.lowercased() else {
        throw LabError(
          .forbidden, field: "Origin",
          "Origin: expected this server's own pages, found \(quoted(origin)); open the page here")
      }
    }
    return try await next(request, context)
  }

  /// A host without its port.
  private static func host(of authority: String) -> String {
    let authority = authority.lowercased()
    guard let colon = authority.lastIndex(of: ":"),
      authority[authority.index(after: colon)...].allSatisfy({ $0.isASCII && $0.isNumber })
    else { return authority }
    return String(authority[..<colon])
  }
}
