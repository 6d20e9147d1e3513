import HTTPTypes
import Hummingbird
import Starling
import StarlingData

/// Adds what the engine computes: digits, the deck's network, and runs.
///
/// - Parameters:
///   - router: The routes of the API.
///   - dataFolder: The folder that data sets lie in, if the user named one.
///   - limits: How many runs there may be, and for how long.
func addEngineRoutes(to router: LabRouter, dataFolder: String?, limits: Runs.Limits) {
  Engine(DataLocation(directory: dataFolder), limits: limits).addRoutes(to: router)
}

/// What answers the requests about digits, networks and runs.
struct Engine: Sendable {
  let sets: DigitSets
  let models: Models
  private let runs: Runs
  /// Pictures are read one at a time: a large one takes some hundred megabytes for a moment.
  let pictures = WorkQueue("pictures")

  /// The engine for data sets that lie in a folder.
  init(_ location: DataLocation, limits: Runs.Limits) {
    sets = DigitSets(location: location)
    models = Models(sets: sets)
    runs = Runs(limits: limits)
  }

  /// Adds all routes.
  func addRoutes(to router: LabRouter) {
    addDigitRoutes(to: router)
    addRunRoutes(to: router)
    addRunActions(to: router)
  }

  private func addRunRoutes(to router: LabRouter) {
    router.get("api/planted") { _ in
      Response(json: PlantedMistake.allCases.map(PlantedAnswer.init))
    }
    router.post("api/runs") { body in
      let request = try await RunRequest(body, sets)
      do {
        let run = try await runs.begin(request.settings, isPaused: request.isPaused) {
          try await sets.split(for: request.settings)
        }
        return Response(json: await run.report, status: .created)
      } catch let error as TooManyRuns {
        throw LabError(.tooManyRequests, error.description)
      }
    }
    router.get("api/runs/{id}") { call in
      Response(json: await (try await run(call.parameter("id"), field: "id")).report)
    }
    router.get("api/runs/{id}/events") { call in
      let run = try await run(call.parameter("id"), field: "id")
      let last = call.request.headers.first { $0.name.canonicalName == "last-event-id" }
      return try await RunEventStream(run, lastEventID: last?.value).response
    }
    router.get("api/runs/{id}/checks") { call in
      let model = try await model(named: call.parameter("id"), field: "id")
      return Response(json: ChecksAnswer(try await model.gradientChecks()))
    }
    router.get("api/runs/{id}/mistakes", query: ["limit"]) { call in
      let limit = try call.query.optional("limit")?.integer(in: 0...100) ?? 24
      let model = try await model(named: call.parameter("id"), field: "id")
      return Response(
        json: MistakesAnswer(try await model.tested(), of: model.test, limit: limit))
    }
  }

  private func addRunActions(to router: LabRouter) {
    router.action("api/runs/{id}/pause") { call in
      try await act(on: call) { try await $0.pause() }
    }
    router.action("api/runs/{id}/resume") { call in
      try await act(on: call) { try await $0.resume() }
    }
    router.action("api/runs/{id}/stop") { call in
      try await act(on: call) { await $0.stop() }
    }
    router.action("api/runs/{id}/step") { call in
      try await act(on: call) { try await $0.step() }
    }
  }

  /// Has a run do something, or says that it cannot do that now.
  private func act(
    on call: Call, _ action: (Run) async throws -> some Encodable
  ) async throws -> Response {
    let run = try await run(call.parameter("id"), field: "id")
    do {
      return Response(json: try await action(run))
    } catch let error as RunConflict {
      throw LabError(.conflict, field: "id", error.description)
    }
  }

  private func run(_ id: String, field: String) async throws -> Run {
    guard let run = await runs.run(id) else {
      throw LabError(
        .notFound, field: field,
        "\(field): expected the id of a run, found \(quoted(id)); it never was, or it is gone because "
          + "nobody looked: start another")
    }
    return run
  }

  /// The network that a request's field names; the trained one where it names none.
  func model(_ field: JSONField?) async throws -> Model {
    guard let field else { return try await models.afterTraining() }
    return try await model(named: try field.text(), field: field.path)
  }

  private func model(named name: String, field: String) async throws -> Model {
    switch name {
    case "trained": try await models.afterTraining()
    case "untrained": try await models.beforeTraining()
    default: try await run(name, field: field).model
    }
  }
}

/// A mistake that can be planted, as the page shows it.
private struct PlantedAnswer: Encodable {
  let id: String
  let title: String
  let whatIsWrong: String

  init(_ mistake: PlantedMistake) {
    id = mistake.rawValue
    title = mistake.title
    whatIsWrong = mistake.whatIsWrong
  }
}
