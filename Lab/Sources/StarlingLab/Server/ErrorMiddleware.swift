import HTTPTypes
import Hummingbird
import LineByLine
import Starling

/// Turns whatever is thrown into an answer of the one form that errors have.
///
/// What a request asks for is either given or refused with 4xx. A 500 is a fault of this program, and told on
/// standard error too.
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
    default:
      fault(error)
    }
  }

  private static func fault(_ error: any Error) -> LabError {
    let message = "starling-lab has a fault: \(type(of: error)); please report what you asked for"
    StandardError.print("error: \(message): \(error)")
    return LabError(.internalServerError, message)
  }
}
