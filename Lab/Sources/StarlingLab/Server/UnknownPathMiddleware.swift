import HTTPTypes
import Hummingbird
import HummingbirdCore

/// Answers what no route of the API does: with a file of the page, or with an error.
struct UnknownPathMiddleware: RouterMiddleware {
  let site: Site
  let paths: [LabRouter.Path]

  func handle(
    _ request: Request, context: LabContext,
    next: (Request, LabContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let error as HTTPError where error.status == .notFound {
      return try answer(to: request)
    }
  }

  private func answer(to request: Request) throws -> Response {
    let path = request.uri.path
    if let methods = paths.first(where: { $0.matches(path) })?.methods {
      throw Self.wrongMethod(request, methods)
    }
    guard let response = site.response(to: request) else {
      throw LabError(
        .notFound, field: "path",
        "\(quoted(path)): there is no such page; the pages are /1 to /\(Site.pages), and the API is "
          + "described at /api/openapi.json")
    }
    guard request.method == .get || request.method == .head else {
      throw Self.wrongMethod(request, ["GET", "HEAD"])
    }
    return response
  }

  private static func wrongMethod(_ request: Request, _ methods: [String]) -> LabError {
    let list = methods.joined(separator: " or ")
    return LabError(
      .methodNotAllowed, field: "method", allowed: methods,
      "\(quoted(request.uri.path)): expected \(list), found \(quoted(request.method.rawValue)); "
        + "ask with \(list)")
  }
}
