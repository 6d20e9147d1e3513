import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// The routes of the API.
///
/// Hummingbird's router, which here also remembers which methods a path has, and reads a body before
/// it asks for an answer.
///
///     router.get("api/data") { _ in Response(json: await DataAnswer(sets)) }
///     router.post("api/reshape") { body in Response(json: try Reshaping(body)) }
final class LabRouter {
  /// A path of the API, and the methods that it has.
  struct Path {
    let components: [Substring]
    let methods: [String]
  }

  /// The most bytes of a body, but for routes that say otherwise.
  static let usualLargestBody = 64 * 1024

  let router: Router<LabContext>
  private(set) var paths: [Path] = []

  init(_ router: Router<LabContext>) {
    self.router = router
  }

  /// Answers a GET, and so a HEAD.
  ///
  /// - Parameters:
  ///   - path: The path, with names of parameters in braces.
  ///   - query: The fields that its query may have.
  ///   - answer: From the call.
  func get(
    _ path: String, query: [String] = [],
    _ answer: @escaping @Sendable (Call) async throws -> Response
  ) {
    note(path, ["GET", "HEAD"])
    router.get(RouterPath(path)) { request, context in
      try await answer(try Call(request, context, query: query))
    }
  }

  /// Answers a POST that says all that it has to say by its path; its body is not read.
  func action(
    _ path: String, _ answer: @escaping @Sendable (Call) async throws -> Response
  ) {
    note(path, ["POST"])
    router.post(RouterPath(path)) { request, context in
      try await answer(try Call(request, context, query: []))
    }
  }

  /// Answers a POST of JSON.
  ///
  /// - Parameters:
  ///   - path: The path, with names of parameters in braces.
  ///   - largestBody: The most bytes that the body may have.
  ///   - answer: From the body, which is well-formed JSON and nothing more.
  func post(
    _ path: String, largestBody: Int = usualLargestBody,
    _ answer: @escaping @Sendable (JSONField) async throws -> Response
  ) {
    note(path, ["POST"])
    router.post(RouterPath(path)) { request, context in
      _ = try Call(request, context, query: [])
      return try await answer(try await Self.body(of: request, upTo: largestBody))
    }
  }

  private func note(_ path: String, _ methods: [String]) {
    paths.append(Path(components: path.split(separator: "/"), methods: methods))
  }

  private static func body(of request: Request, upTo most: Int) async throws -> JSONField {
    let type = request.headers[.contentType] ?? ""
    let essence = type.prefix { $0 != ";" }.trimmingSpaces.lowercased()
    guard essence == "application/json" else {
      let found = type.isEmpty ? "no Content-Type" : quoted(type)
      throw LabError(
        .unsupportedMediaType,
        "the body: expected Content-Type application/json, found \(found); send JSON and say so")
    }
    // Without it, a body whose end never came could not be told from a whole one.
    guard let length = request.headers[.contentLength].flatMap({ Int($0) }) else {
      throw LabError(
        .lengthRequired, "the body: expected its length, found none; send Content-Length")
    }
    let tooLarge = LabError(
      .contentTooLarge,
      "the body: expected at most \(most) bytes, found more; send fewer or shorter numbers")
    guard length <= most else { throw tooLarge }
    let bytes: ByteBuffer
    do {
      bytes = try await request.body.collect(upTo: most)
    } catch is NIOTooManyBytesError {
      throw tooLarge
    } catch {
      throw LabError(
        "the body: expected \(length) bytes, found the connection's end; send all of it")
    }
    guard bytes.readableBytes == length else {
      throw LabError(
        "the body: expected \(length) bytes, as Content-Length says, found \(bytes.readableBytes); "
          + "send all of it")
    }
    return try JSONField(bytes: bytes)
  }
}

extension LabRouter.Path {
  /// Whether it is the path of a request.
  func matches(_ path: String) -> Bool {
    let asked = path.split(separator: "/")
    return asked.count == components.count
      && zip(components, asked).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
  }
}

extension StringProtocol {
  /// The text without spaces and tabs at its ends, as they are allowed around the parts of a header.
  var trimmingSpaces: SubSequence {
    var rest = self[...]
    while let first = rest.first, first == " " || first == "\t" { rest = rest.dropFirst() }
    while let last = rest.last, last == " " || last == "\t" { rest = rest.dropLast() }
    return rest
  }
}
