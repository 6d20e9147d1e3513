import Foundation
import HTTPTypes
import StarlingLab
import Testing

extension EngineTests {
  /// The stream of a run's events.
  @Suite struct RunEventTests {
    @Test func eachEpochIsAnEventAndTheLastSaysHowItEnded() async throws {
      try await EngineClient.withLab { lab in
        let id = try await lab.begin(#"{"data": "digits", "images": 5, "epochs": 6}"#).id
        let events = EventAnswer.events(of: try await lab.get("runs/\(id)/events").text)
        #expect(events.map(\.id) == Array(1...8))
        #expect(
          events.map(\.event) == ["state"] + [String](repeating: "epoch", count: 6) + ["state"])
        #expect(events.first?.data == #"{"message":"","state":"running"}"#)
        #expect(events.last?.data == #"{"message":"","state":"finished"}"#)

        let told = try events.filter { $0.event == "epoch" }.map { event in
          try JSONDecoder().decode(RunAnswer.Epoch.self, from: Data(event.data.utf8))
        }
        #expect(told.map(\.epoch) == Array(1...6))
        #expect(try await lab.get("runs/\(id)").decoded(RunAnswer.self).history == told)
      }
    }

    @Test func whoComesBackGetsWhatHeHasMissed() async throws {
      try await EngineClient.withLab { lab in
        let id = try await lab.begin(#"{"data": "digits", "images": 5, "epochs": 6}"#).id
        _ = try await lab.ended(id)
        for last in 0...7 {
          let stream = try await lab.get("runs/\(id)/events", lastEventID: "\(last)")
          #expect(EventAnswer.events(of: stream.text).map(\.id) == Array(last + 1...8))
        }
        // Nothing is left, which tells a browser not to come again.
        let stream = try await lab.get("runs/\(id)/events", lastEventID: "8")
        #expect(stream.status == .noContent && stream.text.isEmpty)
        for wrong in ["9", "-1", "x", "1.5", "9223372036854775807", "9223372036854775808"] {
          let answer = try await lab.get("runs/\(id)/events", lastEventID: wrong)
          #expect(answer.status == .badRequest)
          #expect(try answer.problem.field == "Last-Event-ID")
        }
      }
    }

    @Test func anEventThatHasNotBeenToldCannotBeTheLast() async throws {
      try await EngineClient.withLab { lab in
        let id = try await lab.begin(#"{"data": "digits", "isPaused": true}"#).id
        let answer = try await lab.get("runs/\(id)/events", lastEventID: "2")
        #expect(answer.status == .badRequest)
        #expect(
          try answer.problem.message
            == "Last-Event-ID: expected the number of an event, of which there are 1, found '2'; "
            + "send the id of the last event, or leave the header out")
      }
    }

    @Test func severalCanListenAtOnce() async throws {
      try await EngineClient.withLab { lab in
        let id = try await lab.begin(
          #"{"data": "digits", "images": 50, "epochs": 10, "isPaused": true}"#
        ).id
        let streams = try await withThrowingTaskGroup(of: String.self) { group in
          for _ in 1...8 {
            group.addTask { try await lab.get("runs/\(id)/events").text }
          }
          try await Task.sleep(for: .milliseconds(100))
          _ = try await lab.post("runs/\(id)/resume")
          return try await group.reduce(into: []) { $0.append($1) }
        }
        for stream in streams {
          let events = EventAnswer.events(of: stream)
          #expect(events.map(\.id) == Array(1...13))
          #expect(events.map(\.data) == EventAnswer.events(of: streams[0]).map(\.data))
        }
      }
    }
  }
}
