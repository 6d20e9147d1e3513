/// One entry of a plan: work on buffers of the workspace whose places and sizes are fixed.
///
/// All workers run it at the same time, each on its own share of the step's units, and meet before the
/// next step. Units are fixed parts of the work, the same for any number of workers: whatever is added
/// up across units goes through partial sums that are added in the order of the units.
protocol Step: Sendable {
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
struct Slot: Hashable, Sendable {
  /// Where it begins, in floats.
  let offset: Int
  /// How many floats it holds, apart from the padding behind it.
  let count: Int
}

/// Hands out places in a workspace while a plan is made.
struct WorkspaceLayout {
  /// Floats handed out so far.
  private(set) var count = 0

  /// A place for so many floats.
  ///
  /// Behind it lie at least 16 floats more that may be read and overwritten at will: a loop may end with a
  /// whole vector.
  mutating func slot(_ floats: Int) -> Slot {
    let slot = Slot(offset: count, count: floats)
    count = (count + floats + 16 + 15) / 16 * 16
    return slot
  }
}

/// What the steps of a plan work on: the workspace, and the parameters of the network in their own tensors.
struct Memory: @unchecked Sendable {
  /// The workspace, zero where nothing was written yet.
  let workspace: UnsafeMutablePointer<Float>
  /// The first number of each tensor of parameters, counted over all layers.
  let parameters: UnsafePointer<UnsafeMutablePointer<Float>>
  /// The first number of each gradient, or nil when the update is part of the steps.
  let gradients: UnsafePointer<UnsafeMutablePointer<Float>>?
  /// What the layers of this step draw their random numbers from.
  let seed: UInt64
  /// The length of the update's step for a slope of 1.
  let learningRate: Float

  /// The first number of a place.
  subscript(slot: Slot) -> UnsafeMutablePointer<Float> { workspace + slot.offset }
}
