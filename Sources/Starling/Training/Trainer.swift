import Foundation

/// Teaches a network, epoch by epoch.
///
///     var trainer = Trainer(loss: BinaryCrossEntropy(), optimizer: SGD(learningRate: 0.1), batchSize: 1)
///     for _ in 1...20 {
///       let report = try trainer.epoch(&network, on: digits.train)
///       print("epoch \(report.epoch)/20    error=\(report.error)")
///     }
///
/// One step is a forward pass, a backward pass that only computes, and then the optimizer's update. The
/// same seed gives the same bits, on any number of threads.
public struct Trainer: Sendable {
  /// What is to become small.
  public var loss: any Loss
  /// How parameters follow their gradients.
  public var optimizer: any Optimizer
  /// How many images one step learns from; the last step of an epoch takes what is left.
  public let batchSize: Int
  /// What the order of the images is drawn from, anew for each epoch.
  public let seed: UInt64
  /// Whether images are taken in the data set's order instead of a random one.
  public let keepsOrder: Bool
  /// The threads that may work on a step.
  public var threads: Threads
  /// How far training has come.
  ///
  /// Restore it, with the network and the optimizer, and training goes on
  /// as if it had never stopped.
  public var progress = TrainingProgress()

  /// Gradients between two steps: kept only so that they need not be allocated anew.
  private var gradients: [Parameters] = []

  /// A trainer that has not begun.
  ///
  /// - Parameters:
  ///   - loss: What is to become small.
  ///   - optimizer: How parameters follow their gradients.
  ///   - batchSize: How many images one step learns from.
  ///   - seed: What the order of the images is drawn from.
  ///   - keepsOrder: Whether images are taken in the data set's order instead of a random one.
  ///   - threads: The threads that may work on a step.
  public init(
    loss: any Loss, optimizer: any Optimizer, batchSize: Int = 32, seed: UInt64 = 1,
    keepsOrder: Bool = false, threads: Threads = .available
  ) {
    self.loss = loss
    self.optimizer = optimizer
    self.batchSize = batchSize
    self.seed = seed
    self.keepsOrder = keepsOrder
    self.threads = threads
  }

  /// Shows the network every image once, or those that are left of an epoch that was interrupted.
  ///
  /// - Parameters:
  ///   - network: The network to teach. It takes the data's class names and preprocessing.
  ///   - dataset: What to learn from.
  ///   - watch: Called after each step with how far training has come.
  /// - Returns: The epoch's number, its mean error and accuracy, each image's taken when it was shown.
  /// - Throws: ``ShapeError`` or ``TrainingError`` for data and settings that do not fit;
  ///   ``TrainingError/nonFinite(place:epoch:)`` when numbers run away; what a ``Loss`` of your own
  ///   throws. Network, optimizer and progress are then as they were before the call.
  ///   `CancellationError` when the current task is cancelled: they then stand after the last whole step.
  public mutating func epoch(
    _ network: inout Network, on dataset: Dataset, watch: (TrainingProgress) -> Void = { _ in }
  ) throws -> EpochReport {
    try check(network, dataset)
    let lastGood = (network, optimizer, progress)
    network.classNames = dataset.classNames
    network.preprocessing = dataset.preprocessing
    do {
      try takeImages(order(of: dataset), of: dataset, &network, watch)
      try checkIsFinite(network)
    } catch let error as CancellationError {
      throw error
    } catch {
      (network, optimizer, progress) = lastGood
      throw error
    }
    return progress.finishEpoch()
  }

  /// Takes the images that are left of an epoch, step by step.
  private mutating func takeImages(
    _ order: [Int], of dataset: Dataset, _ network: inout Network,
    _ watch: (TrainingProgress) -> Void
  ) throws {
    var plan: Plan?
    func finish(_ plan: Plan?, _ network: Network) {
      guard let plan else { return }
      plan.bringCopiesBack()
      network.plans.put(plan)
    }
    defer { finish(plan, network) }
    while progress.imagesSeen < order.count {
      try Task.checkCancellation()
      let next = order[progress.imagesSeen...].prefix(batchSize)
      if plan?.purpose.batch != next.count {
        finish(plan, network)
        plan = nil
        plan = try self.plan(for: network, batch: next.count, keepsCopies: true)
        // Nobody else touches the network before the epoch is over, so that once is enough.
        if let plan {
          network.lendMutably(to: plan)
          plan.takeCopies()
        }
      }
      if let plan {
        dataset.withSamples(next) { run(plan, on: $0, &network, isLent: true) }
        try finishStep(&network, plan) {
          plan.bringCopiesBack()
          return dataset.images(next)
        }
      } else {
        try stepLayerByLayer(
          &network, images: dataset.images(next), targets: dataset.targets(next))
      }
      watch(progress)
    }
  }

  /// Learns from one batch: forward, error, backward, update.
  ///
  /// - Parameters:
  ///   - network: The network to teach.
  ///   - images: The inputs, `[batch] + inputShape`.
  ///   - targets: What should come out, `[batch] + outputShape`.
  /// - Throws: ``ShapeError`` when the shapes do not fit, and ``TrainingError`` when the error is
  ///   infinite or NaN, or there is no memory for the batch; the network is then unchanged by this step.
  public mutating func step(_ network: inout Network, images: Tensor, targets: Tensor) throws {
    try network.check(images)
    try network.checkTargets(targets, for: loss, batch: images.shape[0])
    if let plan = try plan(for: network, batch: images.shape[0]) {
      images.withElements { images in
        targets.withElements { targets in
          run(plan, on: .tensors(images: images, targets: targets), &network, isLent: false)
        }
      }
      try finishStep(&network, plan) { images }
      network.plans.put(plan)
    } else {
      try stepLayerByLayer(&network, images: images, targets: targets)
    }
  }

  /// The plan of this trainer's steps; nil where the network, the loss or a layer is one that no plan knows.
  private func plan(
    for network: Network, batch: Int, keepsCopies: Bool = false
  ) throws(TrainingError) -> Plan? {
    guard let kind = LossKind(loss, behind: network) else { return nil }
    let purpose = Plan.Purpose(
      work: .training(
        Plan.Purpose.Training(
          loss: kind, depth: network.head(for: loss).depth, updates: optimizer is SGD,
          keepsCopies: keepsCopies)),
      batch: batch, isExact: network.isExact, workers: threads.count)
    if let plan = network.plans.take(purpose) { return plan }
    guard let blueprint = Lowering.blueprint(of: network, for: purpose) else { return nil }
    return try Plan(fitting: blueprint, besides: network.plans)
  }

  /// Whether steps with a batch of this size run as a plan.
  package func isPlanned(_ network: Network, batch: Int) -> Bool {
    (try? plan(for: network, batch: batch)) != nil
  }

  /// Runs a step's plan, which may have the places of the parameters already.
  private mutating func run(
    _ plan: Plan, on input: BatchInput, _ network: inout Network, isLent: Bool
  ) {
    if let sgd = optimizer as? SGD {
      if !isLent {
        network.lendMutably(to: plan)
        plan.takeCopies()
      }
      plan.run(on: input, seed: stepSeed, learningRate: sgd.learningRate)
      if !isLent { plan.bringCopiesBack() }
    } else {
      // An optimizer may put other tensors in the place of those that it is given.
      network.lendMutably(to: plan)
      startGradients(for: network)
      lendGradients(to: plan)
      plan.run(on: input, seed: stepSeed)
    }
  }

  /// What is left to do when a step's plan has been run; `images` are asked for only to name what went wrong.
  private mutating func finishStep(
    _ network: inout Network, _ plan: Plan, images: () -> Tensor
  ) throws(TrainingError) {
    let result = plan.result
    guard result.error.isFinite else {
      throw .nonFinite(
        place: network.firstNonFinitePlace(for: images()), epoch: progress.epoch + 1)
    }
    if !(optimizer is SGD) { network.update(by: &optimizer, with: gradients) }
    progress.count(error: result.error, correct: result.correct, of: plan.purpose.batch)
  }

  /// Hands a plan the places of the gradients.
  private mutating func lendGradients(to plan: Plan) {
    var index = 0
    for layer in gradients.indices {
      for tensor in gradients[layer].tensors.indices {
        gradients[layer].tensors[tensor].withMutableElements { plan.gradientPointers[index] = $0 }
        index += 1
      }
    }
  }

  /// One step by the layers themselves: what a plan is held to, and what networks with a user's own layers take.
  package mutating func stepLayerByLayer(
    _ network: inout Network, images: Tensor, targets: Tensor
  ) throws {
    startGradients(for: network)
    let pass = Pass(.training(seed: stepSeed), threads: threads)
    let (loss, depth) = network.head(for: loss)

    let (prediction, caches) = network.forward(images, upTo: depth, pass)
    let error = try loss.error(of: prediction, for: targets)
    guard error.isFinite else {
      throw TrainingError.nonFinite(
        place: network.firstNonFinitePlace(for: images), epoch: progress.epoch + 1)
    }
    let dE = try loss.gradient(of: prediction, for: targets)
    _ = network.backward(dE, caches, accumulatingInto: &gradients, pass)
    network.update(by: &optimizer, with: gradients)

    progress.count(
      error: error, correct: Evaluation.correct(prediction, targets), of: images.shape[0])
  }

  /// Gradients of zero, in the memory of the last step's if that was the same network's.
  private mutating func startGradients(for network: Network) {
    let fit =
      gradients.count == network.layers.count
      && zip(gradients, network.layers).allSatisfy { $0.hasLayout(of: $1.parameters) }
    guard fit else { return gradients = network.parameters.map(\.zeros) }
    for layer in gradients.indices { gradients[layer].clear() }
  }

  /// The order in which this epoch takes the images.
  private func order(of dataset: Dataset) -> [Int] {
    guard !keepsOrder else { return Array(0..<dataset.count) }
    var random = SeededGenerator(seed: seed, stream: UInt64(progress.epoch))
    return random.permutation(dataset.count)
  }

  /// A seed for what layers draw in this step: it follows from the epoch and the image alone, so that
  /// a resumed run draws the same.
  private var stepSeed: UInt64 {
    var random = SeededGenerator(
      seed: seed, stream: UInt64(progress.epoch) << 32 | UInt64(progress.imagesSeen))
    return random.next()
  }

  private func check(_ network: Network, _ dataset: Dataset) throws {
    guard batchSize > 0 else {
      throw TrainingError.setting(
        "batch size", expected: "1 or more", found: "\(batchSize)", remedy: "1 is the deck's")
    }
    try optimizer.check()
    try network.check(dataset)
  }

  private func checkIsFinite(_ network: Network) throws(TrainingError) {
    for (position, layer) in network.layers.enumerated()
    where !layer.parameters.tensors.allSatisfy(\.isFinite) {
      throw .nonFinite(place: network.place(ofLayer: position), epoch: progress.epoch + 1)
    }
  }
}

extension Network {
  /// The loss that training minimises, and the number of layers before it.
  ///
  /// Where the loss has an exact form together with the last layer, that form is used and the layer
  /// left out.
  func head(for loss: any Loss) -> (loss: any Loss, depth: Int) {
    guard let last = layers.last, let fused = loss.fused(with: last.recipe) else {
      return (loss, layers.count)
    }
    return (fused, layers.count - 1)
  }

  /// That targets are what a loss can be asked about.
  func checkTargets(_ targets: Tensor, for loss: any Loss, batch: Int) throws(ShapeError) {
    guard targets.shape == outputShape.batched(batch) else {
      throw ShapeError(
        place: head(for: loss).loss.name, axis: "target",
        expected: "\(outputShape.batched(batch)), as the prediction",
        found: "\(targets.shape)",
        remedy: "end the network with as many outputs as the data has classes")
    }
  }

  /// The first layer whose parameters or output are not all finite.
  func firstNonFinitePlace(for images: Tensor) -> String {
    guard images.isFinite else { return "the images" }
    var y = images
    for (position, layer) in layers.enumerated() {
      y = layer.forward(y, Pass(.inference)).y
      if !y.isFinite || !layer.parameters.tensors.allSatisfy(\.isFinite) {
        return place(ofLayer: position)
      }
    }
    return "the loss"
  }

  /// That a data set's images go in and its classes come out.
  func check(_ dataset: Dataset) throws {
    guard !dataset.isEmpty else {
      throw TrainingError.data("the data set has no image; choose classes that it has")
    }
    guard dataset.imageShape == inputShape else {
      throw ShapeError(
        place: "data set", axis: "images", expected: "\(inputShape), the network's input",
        found: "\(dataset.imageShape)", remedy: "build the network for the data's images")
    }
    guard dataset.classNames.count == outputShape.count, outputShape.rank == 1 else {
      throw ShapeError(
        place: place(ofLayer: layers.count - 1), axis: "outputs",
        expected: "\(dataset.classNames.count), one for each class of the data",
        found: "\(outputShape)",
        remedy: "end the network with Dense(\(dataset.classNames.count)) and an activation")
    }
    guard classNames == nil || classNames == dataset.classNames else {
      throw TrainingError.data(
        "the network tells \(outputNames.joined(separator: ", ")) apart, but the data's classes are "
          + "\(dataset.classNames.joined(separator: ", ")); choose the same classes in the same order, "
          + "or set network.classNames to nil to teach it anew")
    }
  }
}
