/// One entry of a plan: work on buffers of the workspace whose places and sizes are fixed.
///
/// All workers run it at the same time, each on its own share of the step's units, and meet before the
/// next step. Units are fixed parts of the work, the same for any number of workers: whatever is added
/// up across units goes through partial sums that are added in the order of the units.
package protocol Step: Sendable {
  /// What it does: `forward`, `dE/dK`, `update`.
  var task: String { get }
  /// How: the name of the algorithm and of the layout.
  var algorithm: String { get }
  /// Multiply-adds of one run over the whole batch, as the algorithm does them.
  var multiplyAdds: Int { get }
  /// Bytes read and written by one run over the whole batch.
  var bytes: Int { get }

  /// Does this worker's share.
  func run(_ memory: Memory, _ worker: Worker)
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
  /// What the layers of this step draw their random numbers from.
  package let seed: UInt64
  /// The length of the update's step for a slope of 1.
  package let learningRate: Float

  /// What a run works on.
  package init(
    workspace: UnsafeMutablePointer<Float>,
    parameters: UnsafePointer<UnsafeMutablePointer<Float>>,
    gradients: UnsafePointer<UnsafeMutablePointer<Float>>?, seed: UInt64, learningRate: Float
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
