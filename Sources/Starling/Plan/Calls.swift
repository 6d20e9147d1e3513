/// Steps as the workers of a run call them, one after the other.
///
/// A call through `any Step` copies the value and counts a reference to it. All workers would count in one
/// place, whose cache line would go from core to core at every step. An object that is known to live is
/// called without.
struct Calls: @unchecked Sendable {
  private let owners: [Call]
  private let calls: [Unmanaged<Call>]

  init(_ steps: [any Step]) {
    owners = steps.map { Calls.call($0) }
    calls = owners.map(Unmanaged.passUnretained)
  }

  /// How many there are.
  var count: Int { calls.count }

  private static func call(_ step: some Step) -> Call { CallOf(step) }

  /// Calls `body` with one step after the other, for as long as it returns true.
  @inline(__always)
  func forEach(while body: (Call) -> Bool) {
    calls.withUnsafeBufferPointer { calls in
      var index = 0
      while index < calls.count, calls[index]._withUnsafeGuaranteedRef(body) { index += 1 }
    }
  }
}

/// A step that is called through an object.
class Call {
  /// Does a worker's share.
  func run(_ memory: Memory, _ worker: Worker) {}
  /// Whether the run goes on behind it.
  func lets(goOn memory: Memory) -> Bool { true }
}

private final class CallOf<S: Step>: Call {
  private let step: S

  init(_ step: S) { self.step = step }

  override func run(_ memory: Memory, _ worker: Worker) { step.run(memory, worker) }
  override func lets(goOn memory: Memory) -> Bool { step.lets(goOn: memory) }
}
