import HTTPTypes
import Hummingbird
import LineByLine
import Starling

/// Turns whatever is thrown into an answer of the one form that errors have.
///
/// The status is never 500 or above: what a request asks for is either given or refused.
struct ErrorMiddleware: RouterMiddleware {
  func handle(
    _ request: Request, context: LabContext,
    next: (Request, LabContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch {
      return Self.refusal(of: error).response
    }
  }

  /// What a client is told of an error.
  static func refusal(of error: any Error) -> LabError {
    switch error {
    case let error as LabError: error
    case let error as SizeError: LabError(error.description)
    case let error as any StarlingError: LabError(error.description)
    case let error as HTTPError where (400..<500).contains(error.status.code):
      LabError(error.status, error.body ?? error.status.reasonPhrase)
    case is CancellationError:
      LabError(.requestTimeout, "the request was given up before it was answered; send it again")
    default:
      LabError("the request cannot be answered (\(type(of: error))); change it, or report this")
    }
  }
}
