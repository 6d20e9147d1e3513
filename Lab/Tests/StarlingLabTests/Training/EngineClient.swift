import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import StarlingLab

/// One who asks a lab about digits and runs.
struct EngineClient: Sendable {
  let client: any TestClientProtocol

  /// An answer: its status and what it says.
  struct Answer {
    let status: HTTPResponse.Status
    let text: String

    /// What it says, as a type.
    func decoded<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
      try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    /// What it says of a problem.
    var problem: Problem {
      get throws { try decoded(ErrorAnswer.self).error }
    }
  }

  private struct ErrorAnswer: Decodable {
    let error: Problem
  }

  /// The content of an error.
  struct Problem: Decodable {
    let field, message: String
  }

  /// Asks a lab of its own.
  static func withLab(
    limits: Runs.Limits = Runs.Limits(), dataFolder: String? = nil,
    _ ask: @escaping @Sendable (EngineClient) async throws -> Void
  ) async throws {
    var settings = Laboratory.Settings()
    settings.runLimits = limits
    settings.dataFolder = dataFolder
    try await Laboratory.application(settings).test(.router) { client in
      try await ask(EngineClient(client: client))
    }
  }

  func get(_ path: String, lastEventID: String? = nil) async throws -> Answer {
    var headers = HTTPFields()
    if let lastEventID, let name = HTTPField.Name("Last-Event-ID") { headers[name] = lastEventID }
    return try await execute(path, .get, headers, "")
  }

  func post(_ path: String, _ body: String = "{}") async throws -> Answer {
    let headers: HTTPFields = [
      .contentType: "application/json", .contentLength: "\(body.utf8.count)",
    ]
    return try await execute(path, .post, headers, body)
  }

  private func execute(
    _ path: String, _ method: HTTPRequest.Method, _ headers: HTTPFields, _ body: String
  ) async throws -> Answer {
    try await client.execute(
      uri: "/api/" + path, method: method, headers: headers, body: ByteBuffer(string: body)
    ) { response in
      Answer(status: response.status, text: String(buffer: response.body))
    }
  }
}

// MARK: - Runs

/// A run as the lab tells of it.
struct RunAnswer: Decodable {
  /// What an epoch came to.
  struct Epoch: Decodable, Hashable {
    let epoch: Int
    let error, accuracy, testError, testAccuracy, seconds: Double
    let kernels: [[[[Float]]]]
  }

  let id, state, message: String
  let epoch, imagesSeen, trainImages, testImages: Int
  let history: [Epoch]

  /// The errors of its epochs.
  var errors: [Double] { history.map(\.error) }
}

/// An event of a run's stream.
struct EventAnswer {
  let id: Int
  let event: String
  let data: String

  /// The events that a stream holds; what it says besides is left out.
  static func events(of stream: String) -> [EventAnswer] {
    stream.components(separatedBy: "\n\n").compactMap { block in
      let lines = block.split(separator: "\n").map { $0.split(separator: ":", maxSplits: 1) }
      func field(_ name: String) -> String? {
        lines.first { $0.count == 2 && $0[0] == name }.map { String($0[1].dropFirst()) }
      }
      guard let id = field("id").flatMap({ Int($0) }), let event = field("event"),
        let data = field("data")
      else { return nil }
      return EventAnswer(id: id, event: event, data: data)
    }
  }
}

/// A network's checked gradients as the lab tells of them.
struct ChecksAnswer: Decodable {
  struct Check: Decodable {
    let layer, parameter, result: String
    let maxRelativeError, tolerance: Double
  }
  let checks: [Check]

  /// Which gradients fail: `layer 0 weight`.
  var failing: Set<String> {
    Set(
      checks.filter { $0.result == "fail" }.map { check in
        check.layer.split(separator: " (")[0] + " " + check.parameter
      })
  }
}

extension EngineClient {
  /// Begins a run.
  func begin(_ settings: String) async throws -> RunAnswer {
    try await post("runs", settings).decoded()
  }

  /// The run when it has ended.
  func ended(_ id: String) async throws -> RunAnswer {
    // The stream ends with the run.
    _ = try await get("runs/\(id)/events")
    return try await get("runs/\(id)").decoded()
  }

  /// What comes of a run.
  func run(_ settings: String) async throws -> RunAnswer {
    try await ended(try await begin(settings).id)
  }
}
