import CStarlingKernels

/// y = m ⊙ x / (1 − rate), where m is 0 or 1, for vectors [batch][features].
///
/// The mask m is the one of the layer ``Dropout``. It follows from the seed alone and is drawn again for dE/dx, which
/// comes of dE/dy in just the same way. y may lie on x.
package struct DropoutStep: Step {
  private let count: Int
  private let x, y: Slot
  private let position: Int
  private let rate: Float
  private let isBackward: Bool
  private let loops: ElementwiseLoops

  /// The step of a layer that stands at a position in its network.
  package init(
    rate: Float, layer position: Int, batch: Int, features: Int, x: Slot, y: Slot,
    isBackward: Bool = false, loops: ElementwiseLoops = .current
  ) {
    count = batch * features
    self.rate = rate
    self.position = position
    self.x = x
    self.y = y
    self.isBackward = isBackward
    self.loops = loops
  }

  package var task: String { isBackward ? "dropout slope" : "dropout" }
  package var algorithm: String { "mask drawn in vectors" }
  package var multiplyAdds: Int { 0 }
  package var bytes: Int { 8 * count }
  package var isSerial: Bool { count < 1024 }

  package func run(_ memory: Memory, _ worker: Worker) {
    // A unit is some numbers whose first begins a word of the mask.
    let share = worker.share(of: (count + DropoutStep.unit - 1) / DropoutStep.unit)
    let numbers =
      share.lowerBound
      * DropoutStep.unit..<min(
        share.upperBound * DropoutStep.unit, count)
    var seeds = SeededGenerator(seed: memory.seed, stream: UInt64(position))
    loops.dropout(
      rate: rate, seed: seeds.next(), memory[x] + numbers.lowerBound,
      to: memory[y] + numbers.lowerBound, numbers)
  }

  private static let unit = 64
}
