import Synchronization

extension Network {
  /// A plan for a purpose, from the cache or made now; nil when the network has a layer that no plan knows,
  /// and is run layer by layer.
  func plan(for purpose: Plan.Purpose) -> Plan? {
    if let plan = plans.take(purpose) { return plan }
    return Lowering.blueprint(of: self, for: purpose).map(Plan.init)
  }

  /// Hands a plan the places of the parameters, to be read.
  ///
  /// An array's numbers stay where they are until it is changed, and a change makes a new version: so a plan
  /// that was prepared for this version has them already.
  func lend(to plan: Plan) {
    guard plan.preparedFor != version else { return }
    var index = 0
    for layer in layers {
      for tensor in layer.parameters.tensors {
        tensor.withElements { plan.parameterPointers[index] = UnsafeMutablePointer(mutating: $0) }
        index += 1
      }
    }
    plan.prepare(for: version)
  }

  /// Hands a plan the places of the parameters, to be changed in place until the network is next touched.
  mutating func lendMutably(to plan: Plan) {
    var index = 0
    for layer in layers.indices {
      for tensor in layers[layer].parameters.tensors.indices {
        layers[layer].parameters.tensors[tensor].withMutableElements {
          plan.parameterPointers[index] = $0
        }
        index += 1
      }
    }
    version = ParameterVersion()
  }

  /// The outputs for a batch, computed layer by layer: what a plan is held to.
  package func outputsLayerByLayer(_ x: Tensor, threads: Threads = .available) -> Tensor {
    outputs(of: x, upTo: layers.count, Pass(.inference, threads: threads))
  }

  /// Whether predictions for a batch run as a plan.
  package func isPlanned(batch: Int) -> Bool {
    plan(
      for: Plan.Purpose(
        work: .inference(depth: layers.count), batch: batch, isExact: isExact, workers: 1)) != nil
  }

  /// The outputs of the first `depth` layers for a batch, by plans; nil when no plan knows all layers.
  func plannedOutputs(of x: Tensor, depth: Int, threads: Threads) -> Tensor? {
    let batch = x.shape[0]
    guard depth > 0 else { return nil }
    let outputs = layers[depth - 1].outputShape
    let size = inputShape.count
    var isPlanned = true
    let y = Tensor(uninitialized: outputs.batched(batch)) { y in
      x.withElements { x in
        var image = 0
        while image < batch {
          let count = min(Network.mostImagesAtOnce, batch - image)
          let purpose = Plan.Purpose(
            work: .inference(depth: depth), batch: count, isExact: isExact,
            workers: threads.count)
          guard let plan = plan(for: purpose) else {
            isPlanned = false
            y.initialize(repeating: 0, count: batch * outputs.count)
            return
          }
          lend(to: plan)
          plan.run(on: .tensors(images: x + image * size, targets: nil))
          (y + image * outputs.count).initialize(from: plan.outputs, count: count * outputs.count)
          plans.put(plan)
          image += count
        }
      }
    }
    return isPlanned ? y : nil
  }

  /// How many images a prediction takes at once; a larger batch is cut into such.
  ///
  /// They are so many that weights are read from the cache, and so few that activations are, too.
  package static let mostImagesAtOnce = 128
}

/// The plans of a network that are not at work: those of its copies, too, since they have the same layers.
final class PlanCache: Sendable {
  private let plans = Mutex<[Plan]>([])

  /// A plan for a purpose, which is the caller's alone until it is put back.
  func take(_ purpose: Plan.Purpose) -> Plan? {
    plans.withLock { plans in
      plans.firstIndex { $0.purpose == purpose }.map { plans.remove(at: $0) }
    }
  }

  /// Puts a plan back; the one that was not used for longest goes when there are many.
  func put(_ plan: Plan) {
    plans.withLock { plans in
      plans.append(plan)
      if plans.count > PlanCache.most { plans.removeFirst() }
    }
  }

  /// Bytes of the workspaces of all plans.
  var byteCount: Int { plans.withLock { $0.reduce(0) { $0 + $1.byteCount } } }

  /// Lets all plans go.
  func clear() { plans.withLock { $0 = [] } }

  private static let most = 8
}

extension Dataset {
  /// Calls `body` with some images as a plan takes them.
  func withSamples(_ positions: ArraySlice<Int>, _ body: (BatchInput) -> Void) {
    pixels.withUnsafeBufferPointer { pixels in
      labels.withUnsafeBufferPointer { labels in
        positions.withUnsafeBufferPointer { positions in
          guard let pixels = pixels.baseAddress, let labels = labels.baseAddress,
            let positions = positions.baseAddress
          else { return }
          body(
            .samples(
              pixels: pixels, labels: labels, positions: positions, scale: preprocessing.scale))
        }
      }
    }
  }
}
