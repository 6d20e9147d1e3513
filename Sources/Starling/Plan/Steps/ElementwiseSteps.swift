/// The functions of single numbers that a plan knows, whose slope can be told from their value.
package enum ElementwiseKind: String, CaseIterable, Sendable {
  case relu, sigmoid, tanh

  /// The function of a layer; nil for a layer that is no such function.
  init?(_ recipe: any Recipe) {
    switch recipe {
    case is ReLU: self = .relu
    case is Sigmoid: self = .sigmoid
    case is Tanh: self = .tanh
    default: return nil
    }
  }

  /// y = f(x).
  @inline(__always)
  func apply(
    _ loops: ElementwiseLoops, _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>,
    _ count: Int
  ) {
    switch self {
    case .relu: loops.relu(x, to: y, count)
    case .sigmoid: loops.sigmoid(x, to: y, count)
    case .tanh: loops.tanh(x, to: y, count)
    }
  }

  /// dX = dY·f′, given y = f(x).
  @inline(__always)
  func applySlope(
    _ loops: ElementwiseLoops, _ y: UnsafePointer<Float>, times dY: UnsafePointer<Float>,
    to dX: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    switch self {
    case .relu: loops.reluSlope(y, times: dY, to: dX, count)
    case .sigmoid: loops.sigmoidSlope(y, times: dY, to: dX, count)
    case .tanh: loops.tanhSlope(y, times: dY, to: dX, count)
    }
  }

  /// Whether f(0) is 0.
  var keepsZeros: Bool { self != .sigmoid }
}

/// y = f(x), in any layout.
///
/// y may lie on x.
package struct ElementwiseForward: Step {
  private let function: ElementwiseKind
  private let x, y: Activation
  private let runs: ElementwiseRuns
  private let loops: ElementwiseLoops

  package init(
    function: ElementwiseKind, x: Activation, y: Activation, loops: ElementwiseLoops = .current
  ) {
    self.function = function
    self.x = x
    self.y = y
    self.loops = loops
    runs = ElementwiseRuns(x, y, keepsZeros: function.keepsZeros)
  }

  package var task: String { function.rawValue }
  package var algorithm: String { "vectors, \(x.layout)" }
  package var multiplyAdds: Int { 0 }
  package var bytes: Int { 4 * (x.slot.count + y.slot.count) }
  package var isSerial: Bool { x.slot.count < 1024 }

  package func run(_ memory: Memory, _ worker: Worker) {
    runs.forEach(of: worker) { run in
      let (from, to) = (memory[x, run], memory[y, run])
      function.apply(loops, from, to: to, run.count)
    }
  }
}

/// dE/dx = dE/dy · f′(x), told from y, in any layout.
///
/// dX may lie on dY.
package struct ElementwiseBackward: Step {
  private let function: ElementwiseKind
  private let y, dY, dX: Activation
  private let runs: ElementwiseRuns
  private let loops: ElementwiseLoops

  package init(
    function: ElementwiseKind, y: Activation, dY: Activation, dX: Activation,
    loops: ElementwiseLoops = .current
  ) {
    self.function = function
    self.y = y
    self.dY = dY
    self.dX = dX
    self.loops = loops
    // In the padding dE/dy is 0, and so is the product.
    runs = ElementwiseRuns(y, dY, dX, keepsZeros: true)
  }

  package var task: String { "\(function.rawValue) slope" }
  package var algorithm: String { "vectors, \(y.layout)" }
  package var multiplyAdds: Int { 0 }
  package var bytes: Int { 4 * (y.slot.count + dY.slot.count + dX.slot.count) }
  package var isSerial: Bool { y.slot.count < 1024 }

  package func run(_ memory: Memory, _ worker: Worker) {
    runs.forEach(of: worker) { run in
      let (values, slopes, to) = (memory[y, run], memory[dY, run], memory[dX, run])
      function.applySlope(loops, values, times: slopes, to: to, run.count)
    }
  }
}
