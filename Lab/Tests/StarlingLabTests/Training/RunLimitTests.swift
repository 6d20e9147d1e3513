import Foundation
import HTTPTypes
import StarlingLab
import Testing

extension EngineTests {
  /// How many runs there may be, and for how long.
  @Suite struct RunLimitTests {
    private static let long = #"{"data": "digits", "images": 1000, "epochs": 100}"#
    private static let short = #"{"data": "digits", "images": 1, "epochs": 1}"#

    @Test func aFifthRunIsRefusedUntilOneEnds() async throws {
      try await EngineClient.withLab { lab in
        let waiting = #"{"data": "digits", "isPaused": true}"#
        var ids: [String] = []
        for _ in 1...4 { ids.append(try await lab.begin(waiting).id) }
        let answer = try await lab.post("runs", waiting)
        #expect(answer.status == .tooManyRequests)
        #expect(try answer.problem.message.contains("expected fewer than 4"))
        _ = try await lab.post("runs/\(ids[2])/stop")
        #expect(try await lab.post("runs", waiting).status == .created)
        #expect(Set(ids).count == 4)
      }
    }

    @Test func asManyAsThereMayBeAreBegunAtOnceAndNoMore() async throws {
      try await EngineClient.withLab { lab in
        let statuses = try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
          for _ in 1...12 {
            group.addTask {
              try await lab.post("runs", #"{"data": "digits", "isPaused": true}"#).status
            }
          }
          return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.count { $0 == .created } == 4)
        #expect(statuses.count { $0 == .tooManyRequests } == 8)
      }
    }

    @Test func ofManyThatHaveEndedTheOldestGo() async throws {
      try await EngineClient.withLab { lab in
        var ids: [String] = []
        for _ in 1...20 { ids.append(try await lab.run(Self.short).id) }
        #expect(try await lab.get("runs/\(ids[3])").status == .notFound)
        #expect(try await lab.get("runs/\(ids[4])").status == .ok)
      }
    }

    @Test func aRunIsStoppedWhenItsTimeIsUp() async throws {
      var limits = Runs.Limits()
      limits.lifetime = .seconds(1)
      try await EngineClient.withLab(limits: limits) { lab in
        let run = try await lab.run(Self.long)
        #expect(run.state == "stopped")
        #expect(run.message == "it has taken 1 seconds, as long as a run may; start another")
      }
    }

    @Test func aRunThatNobodyLooksAtIsGone() async throws {
      var limits = Runs.Limits()
      limits.unseen = .seconds(1)
      try await EngineClient.withLab(limits: limits) { lab in
        let seen = try await lab.begin(Self.long).id
        let unseen = try await lab.begin(Self.long).id
        for _ in 1...10 {
          try await Task.sleep(for: .milliseconds(200))
          #expect(try await lab.get("runs/\(seen)").status == .ok)
        }
        let answer = try await lab.get("runs/\(unseen)")
        #expect(answer.status == .notFound)
        #expect(try answer.problem.field == "id")
        _ = try await lab.post("runs/\(seen)/stop")
      }
    }

    @Test(arguments: ["", "/events", "/checks", "/mistakes"])
    func anUnknownRunIsNotFound(path: String) async throws {
      try await EngineClient.withLab { lab in
        let answer = try await lab.get("runs/nobody\(path)")
        #expect(answer.status == .notFound)
        #expect(try answer.problem.message.contains("found 'nobody'"))
      }
    }

    @Test(arguments: ["pause", "resume", "step", "stop"])
    func anUnknownRunCannotBeToldAnything(action: String) async throws {
      try await EngineClient.withLab { lab in
        let answer = try await lab.post("runs/nobody/\(action)")
        #expect(answer.status == .notFound)
      }
    }
  }
}
