import Dispatch
import Synchronization

/// A network lowered for a batch size: a sequence of steps over one workspace.
///
/// Making a plan decides everything that can be decided before the numbers come: where each buffer lies and in
/// what layout, which algorithm does each step, what is fused with what, and what nobody needs. Running it
/// allocates nothing. Parameters stay in the network's own tensors.
///
/// A plan holds no state from one run to the next but its workspace, and serves one caller at a time.
final class Plan: @unchecked Sendable {
  /// What a plan is made for; plans of the same network and purpose are interchangeable.
  struct Purpose: Hashable, Sendable {
    /// What the steps do.
    enum Work: Hashable, Sendable {
      /// The outputs of the first `depth` layers.
      case inference(depth: Int)
      /// A step of training.
      case training(Training)
    }

    /// How a step of training is done.
    struct Training: Hashable, Sendable {
      /// What is to become small; it stands behind the first `depth` layers.
      let loss: LossKind
      let depth: Int
      /// Whether the update by plain gradient descent is part of the steps, or the gradients are left to an
      /// optimizer.
      let updates: Bool
      /// Whether parameters may be copied at the beginning of an epoch, and brought back at its end.
      var keepsCopies = false
    }

    /// What the steps do.
    let work: Work
    /// Images in a batch.
    let batch: Int
    /// Whether algorithms that round more than the formula does are avoided.
    let isExact: Bool
    /// How many workers may run it; nothing but scratch memory depends on it.
    let workers: Int

    /// A purpose with memory for as many workers as a run can have, however many are asked for.
    init(work: Work, batch: Int, isExact: Bool, workers: Int) {
      self.work = work
      self.batch = batch
      self.isExact = isExact
      self.workers = min(workers, ThreadPool.mostWorkers)
    }
  }

  /// A plan on paper: all that is decided, and no memory yet.
  struct Blueprint {
    /// What it is for.
    let purpose: Purpose
    /// Steps that depend on the parameters alone: run when they have changed.
    let preparation: [any Step]
    /// Steps that bring copies of parameters back to the network's tensors.
    let conclusion: [any Step]
    /// Steps of each run.
    let steps: [PlannedStep]
    /// What the workspace holds.
    let workspace: WorkspaceLayout
    /// Where the outputs lie, [batch][outputs].
    let output: Slot
    /// Where a run of training leaves its error and how many images it got right.
    let report: Slot?
    /// Tensors of the network, and the places of those that steps make of them.
    let parameterCount: Int
    let derived: [Slot]

    /// Floats in the workspace.
    var workspaceCount: Int { workspace.count + 16 }
  }

  private let blueprint: Blueprint
  /// The state of the parameters that the preparation was last run for.
  var preparedFor: ParameterVersion?

  private let calls: (preparation: Calls, conclusion: Calls, steps: Calls)
  private let workspace: UnsafeMutablePointer<Float>
  private let parameters: UnsafeMutablePointer<UnsafeMutablePointer<Float>>
  private let gradients: UnsafeMutablePointer<UnsafeMutablePointer<Float>>

  /// The plan with its memory.
  init(_ blueprint: Blueprint) {
    self.blueprint = blueprint
    calls = (
      Calls(blueprint.preparation), Calls(blueprint.conclusion),
      Calls(blueprint.steps.map(\.step))
    )
    let count = blueprint.workspaceCount
    workspace = LargePages.allocate(byteCount: 4 * count).bindMemory(
      to: Float.self, capacity: count)
    workspace.initialize(repeating: 0, count: count)
    let parameterCount = blueprint.parameterCount
    parameters = .allocate(capacity: max(1, parameterCount + blueprint.derived.count))
    for (index, slot) in blueprint.derived.enumerated() {
      parameters[parameterCount + index] = workspace + slot.offset
    }
    gradients = .allocate(capacity: max(1, parameterCount))
  }

  deinit {
    workspace.deallocate()
    parameters.deallocate()
    gradients.deallocate()
  }

  /// What it is for.
  var purpose: Purpose { blueprint.purpose }

  /// Bytes of the workspace.
  var byteCount: Int { 4 * blueprint.workspaceCount }

  /// Where the pointers to the parameters go before a run.
  var parameterPointers: UnsafeMutablePointer<UnsafeMutablePointer<Float>> { parameters }
  /// Where the pointers to the gradients go before a run that leaves the update to an optimizer.
  var gradientPointers: UnsafeMutablePointer<UnsafeMutablePointer<Float>> { gradients }

  /// Runs the preparation for a state of the parameters, unless it was the last one prepared for.
  func prepare(for version: ParameterVersion) {
    guard preparedFor != version else { return }
    run(calls.preparation, memory())
    preparedFor = version
  }

  /// Takes copies of the parameters that it was lent, where that makes steps faster.
  func takeCopies() { run(calls.preparation, memory()) }

  /// Brings them back, changed.
  func bringCopiesBack() { run(calls.conclusion, memory()) }

  /// Runs all steps.
  func run(
    on input: BatchInput, seed: UInt64 = 0, learningRate: Float = 0
  ) {
    var memory = memory()
    memory.input = input
    memory.seed = seed
    memory.learningRate = learningRate
    run(calls.steps, memory)
  }

  /// The outputs of the last run, [batch][outputs].
  var outputs: UnsafeMutablePointer<Float> { workspace + blueprint.output.offset }

  /// The mean error of the last run of training, and how many images it got right.
  var result: (error: Double, correct: Int) {
    guard let report = blueprint.report else { return (.nan, 0) }
    let numbers = UnsafeRawPointer(workspace + report.offset)
    return (
      numbers.load(as: Double.self), Int(numbers.load(fromByteOffset: 8, as: Double.self))
    )
  }

  private func memory() -> Memory {
    let leavesUpdate =
      if case .training(let training) = purpose.work { !training.updates } else { false }
    return Memory(
      workspace: workspace, parameters: UnsafePointer(parameters),
      gradients: leavesUpdate ? UnsafePointer(gradients) : nil)
  }

  private func run(_ calls: Calls, _ memory: Memory) {
    ThreadPool.shared.run(workers: workers, Walk(calls: calls, memory: memory))
  }

  /// All steps, one after the other: a value and not a closure, which would be allocated for each run.
  private struct Walk: SharedWork {
    let calls: Calls
    let memory: Memory

    func run(_ worker: Worker) {
      // Behind the last step the workers meet at the end of the run.
      var left = calls.count
      calls.forEach { step in
        step.run(memory, worker)
        left -= 1
        guard left > 0 else { return false }
        worker.barrier()
        return step.lets(goOn: memory)
      }
    }
  }

  /// Runs all steps, and adds the nanoseconds that each takes to those given.
  func measure(
    on input: BatchInput, learningRate: Float, adding nanoseconds: inout [UInt64]
  ) {
    var memory = memory()
    memory.input = input
    memory.learningRate = learningRate
    nanoseconds.withUnsafeMutableBufferPointer { nanoseconds in
      nonisolated(unsafe) let nanoseconds = nanoseconds
      ThreadPool.shared.run(workers: workers) { worker in
        var start = DispatchTime.now().uptimeNanoseconds
        var index = 0
        calls.steps.forEach { step in
          step.run(memory, worker)
          worker.barrier()
          if worker.index == 0 {
            let end = DispatchTime.now().uptimeNanoseconds
            nanoseconds[index] += end - start
            start = end
            index += 1
          }
          return true
        }
      }
    }
  }

  /// Little work stays on the calling thread: waking another takes microseconds.
  private var workers: Int {
    min(purpose.workers, max(1, multiplyAdds / Plan.leastMultiplyAddsPerWorker))
  }

  /// Multiply-adds of one run.
  private(set) lazy var multiplyAdds = blueprint.steps.reduce(0) { $0 + $1.step.multiplyAdds }

  private static let leastMultiplyAddsPerWorker = 50_000
}

/// Which numbers the parameters of a network hold: every change makes a new one.
struct ParameterVersion: Hashable, Sendable {
  private let number: UInt64

  /// A version that there was never before in this process.
  init() {
    number = ParameterVersion.counter.wrappingAdd(1, ordering: .relaxed).newValue
  }

  private static let counter = Atomic<UInt64>(0)
}

/// Where a run's images come from.
enum BatchInput {
  /// Nothing yet.
  case none
  /// A tensor of images, and one of targets.
  case tensors(images: UnsafePointer<Float>, targets: UnsafePointer<Float>?)
  /// Some images of a data set: bytes, times `scale`.
  case samples(
    pixels: UnsafePointer<UInt8>, labels: UnsafePointer<Int>, positions: UnsafePointer<Int>,
    scale: Float)
}
