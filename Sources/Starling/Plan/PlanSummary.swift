/// What a network's plan for a batch size consists of.
///
///     let summary = try network.planSummary(batchSize: 1)
///     for step in summary?.steps ?? [] { print(step.layers, step.task, step.algorithm) }
public struct PlanSummary: Sendable, Codable {
  /// One entry of the plan.
  public struct Step: Sendable, Codable {
    /// The layers that it belongs to.
    public let layers: String
    /// What it does: `forward`, `dE/dK`, `update`.
    public let task: String
    /// How: the algorithm, and the layout of the activations where there is a choice.
    public let algorithm: String
    /// Multiply-adds of one run over the whole batch, as the algorithm does them.
    public let multiplyAdds: Int
    /// Bytes read and written by one run over the whole batch.
    public let bytes: Int
    /// The share of a run's time that it is expected to take, from 0 to 1: its multiply-adds at the speed of
    /// the instruction set or its bytes at the speed of the cache, whichever takes longer.
    public let expectedShare: Double
    /// How many microseconds it took in the mean, if it was measured.
    public let measuredMicroseconds: Double?
  }

  /// The entries, in the order in which they run.
  public let steps: [Step]
  /// Bytes of the workspace: all activations, gradients and packed weights.
  public let workspaceBytes: Int
  /// Images in a batch.
  public let batchSize: Int
  /// The instructions that the kernels run with.
  public let instructionSet: InstructionSet
}

extension Network {
  /// What a plan is for.
  public enum PlanWork: Sendable {
    /// Predictions.
    case inference
    /// Steps of training with a loss, by plain gradient descent.
    case training(any Loss)
  }

  /// The plan for a batch size; nil where a layer is known to no plan, and the network runs layer by layer.
  ///
  /// - Parameters:
  ///   - work: What the plan is for.
  ///   - batchSize: Images in a batch, 1 or more.
  ///   - threads: The threads that may work on it.
  ///   - isMeasured: Whether to run the plan some hundred times on images of zeros and note where time goes.
  /// - Returns: Its steps, with their layers and costs.
  /// - Throws: ``TrainingError`` when it is to be measured and there is no memory for such a batch.
  public func planSummary(
    for work: PlanWork = .inference, batchSize: Int, threads: Threads = .available,
    isMeasured: Bool = false
  ) throws(TrainingError) -> PlanSummary? {
    precondition(batchSize > 0, "a plan is for a batch of 1 image or more, not \(batchSize)")
    let planned: Plan.Purpose.Work
    switch work {
    case .inference: planned = .inference(depth: layers.count)
    case .training(let loss):
      guard let kind = LossKind(loss, behind: self) else { return nil }
      planned = .training(
        Plan.Purpose.Training(
          loss: kind, depth: head(for: loss).depth, updates: true, keepsCopies: true))
    }
    let purpose = Plan.Purpose(
      work: planned, batch: batchSize, isExact: isExact, workers: threads.count)
    guard let blueprint = Lowering.blueprint(of: self, for: purpose) else { return nil }
    let expected = blueprint.steps.map { InstructionSet.current.expectedNanoseconds($0.step) }
    let measured =
      isMeasured
      ? measuredNanoseconds(
        try Plan(fitting: blueprint, besides: plans), steps: blueprint.steps.count) : nil
    return PlanSummary(
      steps: blueprint.steps.enumerated().map { index, planned in
        PlanSummary.Step(
          layers: planned.place, task: planned.step.task, algorithm: planned.step.algorithm,
          multiplyAdds: planned.step.multiplyAdds, bytes: planned.step.bytes,
          expectedShare: expected[index] / expected.reduce(0, +),
          measuredMicroseconds: measured.map { $0[index] / 1000 })
      },
      workspaceBytes: 4 * blueprint.workspaceCount, batchSize: batchSize,
      instructionSet: .current)
  }

  /// Nanoseconds of each step, as a mean over many runs on a copy of the network.
  private func measuredNanoseconds(_ plan: Plan, steps: Int) -> [Double] {
    var copy = self
    let images = Tensor(zeros: inputShape.batched(plan.purpose.batch))
    let targets = Tensor(zeros: outputShape.batched(plan.purpose.batch))
    var nanoseconds = [UInt64](repeating: 0, count: steps)
    var runs = 1.0
    images.withElements { images in
      targets.withElements { targets in
        copy.lendMutably(to: plan)
        plan.prepare(for: copy.version)
        for run in 0..<1020 {
          if run == 20 { nanoseconds = nanoseconds.map { _ in 0 } }
          if run > 20 { runs += 1 }
          plan.measure(
            on: .tensors(images: images, targets: targets), learningRate: 0,
            adding: &nanoseconds)
          if run > 40, nanoseconds.reduce(0, +) > 1_000_000_000 { break }
        }
      }
    }
    return nanoseconds.map { Double($0) / runs }
  }
}

extension InstructionSet {
  /// How long a step should take on one core.
  fileprivate func expectedNanoseconds(_ step: any Step) -> Double {
    let multiplyAddsPerNanosecond =
      switch self {
      case .baseline: 20.0
      case .avx2: 60.0
      case .avx512: 120.0
      }
    let bytesPerNanosecond = 40.0
    return max(
      Double(step.multiplyAdds) / multiplyAddsPerNanosecond,
      Double(step.bytes) / bytesPerNanosecond) + 200
  }
}
