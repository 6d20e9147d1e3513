/// One entry of a plan: work on buffers of the workspace whose places and sizes are fixed.
///
/// All workers run it at the same time, each on its own share of the step's units, and meet before the
/// next step. How many workers there are must not change a bit: where numbers are added up across units, the
/// units are fixed parts of the work, whose partial sums are added in their order; where each number comes
/// from one unit alone, the units may be cut to suit the workers.
package protocol Step: Sendable {
  /// What it does: `forward`, `dE/dK`, `update`.
  var task: String { get }
  /// How: the name of the algorithm and of the layout.
  var algorithm: String { get }
  /// Multiply-adds of one run over the whole batch, as the algorithm does them.
  var multiplyAdds: Int { get }
  /// Bytes read and written by one run over the whole batch.
  var bytes: Int { get }
  /// Whether the first worker does it all, because it is too little to share.
  var isSerial: Bool { get }

  /// The parts of one image's numbers that are the step's units, where a unit reads only its own part of what
  /// the steps before have made: between two such steps with the same parts nobody has to wait.
  var localParts: Parts? { get }
  /// Where the step leaves a number, a `Double`, without which it is no use to go on: the run ends there
  /// unless it is finite.
  var verdict: Slot? { get }

  /// Does this worker's share.
  func run(_ memory: Memory, _ worker: Worker)
}

extension Step {
  /// Shared, unless a step says otherwise.
  package var isSerial: Bool { false }
  /// A unit may read what others have made.
  package var localParts: Parts? { nil }
  /// Nothing to stop for.
  package var verdict: Slot? { nil }

  /// Whether the run goes on behind this step.
  func lets(goOn memory: Memory) -> Bool {
    guard let verdict else { return true }
    return UnsafeRawPointer(memory[verdict]).load(as: Double.self).isFinite
  }
}

/// Steps too small to share, done by the first worker one after the other while the others wait once.
struct SerialSteps: Step {
  let steps: [any Step]
  private let calls: Calls

  init(steps: [any Step]) {
    self.steps = steps
    calls = Calls(steps)
  }

  var task: String { steps.map(\.task).joined(separator: ", ") }
  var algorithm: String { "one worker" }
  var multiplyAdds: Int { steps.reduce(0) { $0 + $1.multiplyAdds } }
  var bytes: Int { steps.reduce(0) { $0 + $1.bytes } }
  var isSerial: Bool { true }
  var verdict: Slot? { steps.lazy.compactMap(\.verdict).first }

  func run(_ memory: Memory, _ worker: Worker) {
    guard worker.index == 0 else { return }
    calls.forEach { step in
      step.run(memory, .only)
      return step.lets(goOn: memory)
    }
  }
}

/// Steps on the same parts of one image, done by each worker one after the other without waiting.
struct LocalSteps: Step {
  let steps: [any Step]
  private let calls: Calls

  init(steps: [any Step]) {
    self.steps = steps
    calls = Calls(steps)
  }

  var task: String { steps.map(\.task).joined(separator: ", ") }
  var algorithm: String { "by parts: " + steps.map(\.algorithm).joined(separator: "; ") }
  var multiplyAdds: Int { steps.reduce(0) { $0 + $1.multiplyAdds } }
  var bytes: Int { steps.reduce(0) { $0 + $1.bytes } }

  func run(_ memory: Memory, _ worker: Worker) {
    calls.forEach { step in
      step.run(memory, worker)
      return true
    }
  }
}

/// A step, and the layers that it belongs to.
struct PlannedStep: Sendable {
  let step: any Step
  let place: String

  init(_ step: any Step, _ place: String) {
    self.step = step
    self.place = place
  }

  /// The same steps, with neighbours made one that need not wait for each other.
  static func joined(_ steps: [PlannedStep]) -> [PlannedStep] {
    var joined: [PlannedStep] = []
    var group: [PlannedStep] = []
    func flush() {
      defer { group = [] }
      guard let first = group.first, let last = group.last, group.count > 1 else {
        return joined += group
      }
      let steps = group.map(\.step)
      joined.append(
        PlannedStep(
          first.step.isSerial ? SerialSteps(steps: steps) : LocalSteps(steps: steps),
          first.place == last.place ? first.place : "\(first.place) … \(last.place)"))
    }
    for step in steps {
      if let last = group.last?.step, !step.step.joins(last) { flush() }
      group.append(step)
    }
    flush()
    return joined
  }
}

extension Step {
  /// Whether the step can follow another one without waiting.
  fileprivate func joins(_ other: any Step) -> Bool {
    isSerial == other.isSerial
      && (isSerial || (localParts != nil && localParts == other.localParts))
  }
}

/// A place in a plan's workspace: so many floats, 64-byte aligned.
package struct Slot: Hashable, Sendable {
  /// Where it begins, in floats.
  package let offset: Int
  /// How many floats it holds, apart from the padding behind it.
  package let count: Int
}

/// Hands out places in a workspace while a plan is made.
package struct WorkspaceLayout {
  /// Floats handed out so far.
  package private(set) var count = 0

  /// A workspace without places.
  package init() {}

  /// A place for so many floats.
  ///
  /// Behind it lie at least 16 floats more that may be read and overwritten at will: a loop may end with a
  /// whole vector.
  package mutating func slot(_ floats: Int) -> Slot {
    let slot = Slot(offset: count, count: floats)
    count = (count + floats + 16 + 15) / 16 * 16
    return slot
  }
}

/// What the steps of a plan work on: the workspace, and the parameters of the network in their own tensors.
package struct Memory: @unchecked Sendable {
  /// The workspace, zero where nothing was written yet.
  package let workspace: UnsafeMutablePointer<Float>
  /// The first number of each tensor of parameters, counted over all layers.
  package let parameters: UnsafePointer<UnsafeMutablePointer<Float>>
  /// The first number of each gradient, or nil when the update is part of the steps.
  package let gradients: UnsafePointer<UnsafeMutablePointer<Float>>?
  /// Where the images come from.
  var input = BatchInput.none
  /// What the layers draw their random numbers from.
  package var seed: UInt64
  /// The length of the update's step for a slope of 1.
  package var learningRate: Float

  /// What a run works on.
  package init(
    workspace: UnsafeMutablePointer<Float>,
    parameters: UnsafePointer<UnsafeMutablePointer<Float>>,
    gradients: UnsafePointer<UnsafeMutablePointer<Float>>?, seed: UInt64 = 0,
    learningRate: Float = 0
  ) {
    self.workspace = workspace
    self.parameters = parameters
    self.gradients = gradients
    self.seed = seed
    self.learningRate = learningRate
  }

  /// The first number of a place.
  package subscript(slot: Slot) -> UnsafeMutablePointer<Float> { workspace + slot.offset }
}
