import Hummingbird
import NIOCore

/// The events of a run as a stream that a page's `EventSource` reads, and goes on reading where it broke off.
///
/// Each event has a number, counted from 1 without gaps, so that one who comes back says which was the last,
/// and one who comes late gets them all.
struct RunEventStream: Sendable {
  let run: Run
  /// The number of the last event that the reader has.
  let last: Int

  /// How often something is sent at least, so that both sides know that the other is there.
  private static let pulse = Duration.seconds(10)

  /// The stream of a run from where a reader left off.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - lastEventID: What the reader says in the header `Last-Event-ID`.
  /// - Throws: ``LabError`` where that is not the number of an event.
  init(_ run: Run, lastEventID: String?) async throws {
    self.run = run
    guard let lastEventID else {
      last = 0
      return
    }
    let told = await run.eventCount
    guard let last = Int(lastEventID), (0...told).contains(last) else {
      throw LabError(
        field: "Last-Event-ID", expected: "the number of an event, of which there are \(told)",
        found: quoted(lastEventID), remedy: "send the id of the last event, or leave the header out"
      )
    }
    self.last = last
  }

  /// The stream; or 204, which tells a browser not to come back, where the reader has everything already.
  var response: Response {
    get async {
      let (events, isOver) = await run.events(after: last)
      guard !events.isEmpty || !isOver else { return Response(status: .noContent) }
      return Response(
        status: .ok, headers: [.contentType: "text/event-stream"],
        body: ResponseBody { writer in
          try await write { try await writer.write(ByteBuffer(string: $0)) }
          try await writer.finish(nil)
        })
    }
  }

  /// Writes each event when it comes, to the run's last.
  private func write(_ write: (String) async throws -> Void) async throws {
    let (signals, listener) = await run.listen()
    let pulse = Task {
      while !Task.isCancelled {
        listener.yield()
        try await Task.sleep(for: Self.pulse)
      }
    }
    defer {
      pulse.cancel()
      listener.finish()
    }
    var last = last
    for await _ in signals {
      run.look()
      let (events, isOver) = await run.events(after: last)
      if events.isEmpty, !isOver { try await write(": nothing new\n\n") }
      for event in events {
        last += 1
        try await write(event.text(number: last))
      }
      if isOver { return }
    }
  }
}

extension RunEvent {
  /// The event as the stream writes it.
  fileprivate func text(number: Int) -> String {
    let (name, data) =
      switch self {
      case .epoch(let record): ("epoch", ByteBuffer(json: record))
      case .state(let record): ("state", ByteBuffer(json: record))
      }
    return "id: \(number)\nevent: \(name)\ndata: \(String(buffer: data))\n\n"
  }
}
