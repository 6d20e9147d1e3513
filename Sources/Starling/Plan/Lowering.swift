/// How a network becomes a plan: layer by layer, first forward, then back.
///
/// Every choice depends on the layers, the shapes, the batch and the instruction set alone, never on a clock:
/// the same network has the same plan, and with it the same bits, on each run.
struct Lowering {
  let purpose: Plan.Purpose
  /// The layers that take part, with the numbers of their tensors among all of the network's.
  let nodes: [Node]
  private let input: Shape
  /// How many outputs there are, and the place of what they should be.
  private let classes: Int
  private var targets: Slot?
  /// What the workspace holds so far.
  var workspace = WorkspaceLayout()
  /// Steps that depend on parameters alone.
  var preparation: [any Step] = []
  /// Steps that bring copies of parameters back.
  var conclusion: [any Step] = []
  /// Steps of a run, and the layers that each belongs to.
  var steps: [any Step] = []
  private var places: [String] = []
  /// For each part of the network that was lowered, how its way back is, and the layers; run in reverse.
  private var ways: [(place: String, back: (inout Lowering, Activation) -> Activation?)] = []
  private var place = "input"
  /// Gradients for the update at the end.
  var gradients: [PartialGradient] = []
  /// The activations that the next layer takes.
  var value: Activation
  /// The fixed parts of one image's numbers that the last steps worked on, if they worked on such.
  var imageParts: Parts?
  /// Tensors that steps make of the network's own; they are numbered behind those.
  private(set) var derived: [Slot] = []
  private let tensorSizes: [Int]
  /// The pixels that the next dense layer takes as they lie, if it does.
  var pixels: Activation?
  /// The pixels of one image whose numbers the next dense layer takes channel by channel, if it does.
  var spread: Pixels?
  /// Scratch that steps share, each of which is done with it when it ends.
  var sharedScratch: Slot?

  /// One layer.
  struct Node {
    let recipe: any Recipe
    let position: Int
    let input, output: Shape
    /// The number of its first tensor.
    let firstTensor: Int
    /// Whether there is anything to learn in a layer before it, so that somebody needs its dE/dX.
    let passesGradientOn: Bool
  }

  var batch: Int { purpose.batch }
  var workers: Int { purpose.workers }

  var isTraining: Bool {
    if case .training = purpose.work { true } else { false }
  }

  /// Whether plain gradient descent is part of the steps.
  var updates: Bool {
    if case .training(let training) = purpose.work { training.updates } else { false }
  }

  /// Whether parameters may be copied for as long as many steps take.
  var keepsCopies: Bool {
    if case .training(let training) = purpose.work { training.keepsCopies } else { false }
  }

  /// What the plan of a network for a purpose will be; nil when no plan knows one of its layers.
  static func blueprint(of network: Network, for purpose: Plan.Purpose) -> Plan.Blueprint? {
    var lowering = Lowering(network, purpose)
    return lowering.blueprint()
  }

  private init(_ network: Network, _ purpose: Plan.Purpose) {
    let depth: Int
    switch purpose.work {
    case .inference(let asked): depth = asked
    case .training(let training): depth = training.depth
    }
    var nodes: [Node] = []
    var tensors = 0
    for (position, layer) in network.layers.prefix(depth).enumerated() {
      // Dropout is the identity at inference, and what stands around it are neighbours.
      if layer.recipe is Dropout, !purpose.isTraining { continue }
      nodes.append(
        Node(
          recipe: layer.recipe, position: position, input: layer.inputShape,
          output: layer.outputShape, firstTensor: tensors, passesGradientOn: tensors > 0))
      tensors += layer.parameters.tensors.count
    }
    self.purpose = purpose
    self.nodes = nodes
    input = network.inputShape
    classes = (depth > 0 ? network.layers[depth - 1].outputShape : input).count
    tensorSizes = network.layers.flatMap { $0.parameters.tensors.map(\.count) }
    value = Activation(
      slot: Slot(offset: 0, count: 0), layout: .rows, batch: purpose.batch, channels: 0, height: 0,
      width: 0, border: 0)
    if isTraining { targets = workspace.slot(batch * classes) }
  }

  private mutating func blueprint() -> Plan.Blueprint? {
    var position = 0
    if nodes.first.map(SpatialGroup.begins(with:)) != true { takeInput(as: vector(input.count)) }
    while position < nodes.count {
      guard
        let next = SpatialGroup.begins(with: nodes[position])
          ? lowerSpatialPart(at: position) : lowerVectorPart(at: position)
      else { return nil }
      position = next
    }
    let output = value.slot
    var report: Slot?
    if case .training(let training) = purpose.work, let targets {
      enter("loss")
      let gradient = workspace.activation(
        .rows, batch: batch, channels: classes, height: 1, width: 1)
      let step = LossStep(
        loss: training.loss, batch: batch, classes: classes, outputs: output, targets: targets,
        gradient: gradient.slot, in: &workspace)
      steps.append(step)
      report = step.report
      lowerWayBack(from: gradient)
    }
    leave()
    return Plan.Blueprint(
      purpose: purpose, preparation: preparation, conclusion: conclusion,
      steps: PlannedStep.joined(zip(steps, places).map(PlannedStep.init)),
      workspace: workspace, output: output, report: report, parameterCount: tensorSizes.count,
      derived: derived)
  }

  /// Begins with the input, in a place of its own.
  mutating func takeInput(as x: Activation, localParts: Parts? = nil) {
    value = x
    steps.append(
      InputStep(
        x: x, targets: targets, classes: classes, localParts: localParts, workers: workers,
        in: &workspace))
  }

  /// The number of a new tensor that a step is going to write.
  mutating func derivedTensor(_ count: Int) -> (number: Int, slot: Slot) {
    let slot = workspace.slot(count)
    derived.append(slot)
    return (tensorSizes.count + derived.count - 1, slot)
  }

  /// Notes where the whole gradient of a tensor lies, whose slot may be longer than the tensor.
  mutating func addGradient(of parameter: Int, _ slot: Slot, isStatistic: Bool = false) {
    gradients.append(
      PartialGradient(
        parameter: parameter, slot: slot, parts: 1, count: tensorSizes[parameter], stride: 0,
        isStatistic: isStatistic))
  }

  /// Keeps the larger of the scratch that is shared and that of a step.
  mutating func share(_ scratch: Slot) {
    if scratch.count > sharedScratch?.count ?? 0 { sharedScratch = scratch }
  }

  private mutating func lowerWayBack(from gradient: Activation) {
    var gradient: Activation? = gradient
    for (place, back) in ways.reversed() {
      guard let dY = gradient else { break }
      enter(place)
      gradient = back(&self, dY)
    }
    enter("all layers")
    if !gradients.isEmpty { steps.append(UpdateStep(gradients: gradients)) }
  }

  /// Notes how the way back through what was just lowered is; in inference there is none.
  mutating func wayBack(_ back: @escaping (inout Lowering, Activation) -> Activation?) {
    if isTraining { ways.append((place, back)) }
  }

  /// Says which layers the next steps belong to.
  mutating func enter(_ nodes: ArraySlice<Node>) {
    let positions = nodes.map { "\($0.position)" }
    let names = nodes.map(\.recipe.name).joined(separator: " + ")
    enter(
      "\(Set([positions.first, positions.last].compactMap(\.self)).sorted().joined(separator: "–")) \(names)"
    )
  }

  private mutating func enter(_ place: String) {
    leave()
    self.place = place
  }

  private mutating func leave() {
    places += Array(repeating: place, count: steps.count - places.count)
  }

  /// A packing of parameters: once for each state of them in inference, in each step of training.
  mutating func pack(_ step: some Step) {
    if isTraining { steps.append(step) } else { preparation.append(step) }
  }
}

extension Plan.Purpose {
  var isTraining: Bool {
    if case .training = work { true } else { false }
  }
}
