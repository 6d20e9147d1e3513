import Foundation

enum ElementwiseKind {
  case relu, sigmoid, tanh
  init?(_ recipe: any Recipe) {
    switch recipe {
    case is ReLU: self = .relu
    case is Sigmoid: self = .sigmoid
    case is Tanh: self = .tanh
    default: return nil
    }
  }
}

struct ElementwiseForward: Step {
  let function: ElementwiseKind
  let x, y: Activation
  var parts: Parts
  let loops = ElementwiseLoops.current
  init(function: ElementwiseKind, x: Activation, y: Activation) {
    self.function = function
    self.x = x
    self.y = y
    parts = Parts(x.slot.count, least: 16)
  }
  var task: String { "\(function)" }
  var algorithm: String { "vectors" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 8 * x.slot.count }
  var isSerial: Bool { x.slot.count < 1024 }
  func run(_ memory: Memory, _ worker: Worker) {
    for part in worker.share(of: parts.count) {
      let r = parts[part]
      let (f, t) = (memory[x.slot] + r.lowerBound, memory[y.slot] + r.lowerBound)
      switch function {
      case .relu: loops.relu(f, to: t, r.count)
      case .sigmoid: loops.sigmoid(f, to: t, r.count)
      case .tanh: loops.tanh(f, to: t, r.count)
      }
    }
  }
}

struct ElementwiseBackward: Step {
  let function: ElementwiseKind
  let y, dY, dX: Activation
  var parts: Parts
  let loops = ElementwiseLoops.current
  init(function: ElementwiseKind, y: Activation, dY: Activation, dX: Activation) {
    self.function = function
    self.y = y
    self.dY = dY
    self.dX = dX
    parts = Parts(y.slot.count, least: 16)
  }
  var task: String { "\(function) slope" }
  var algorithm: String { "vectors" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 12 * y.slot.count }
  var isSerial: Bool { y.slot.count < 1024 }
  func run(_ memory: Memory, _ worker: Worker) {
    for part in worker.share(of: parts.count) {
      let r = parts[part]
      let (f, g, t) = (
        memory[y.slot] + r.lowerBound, memory[dY.slot] + r.lowerBound,
        memory[dX.slot] + r.lowerBound
      )
      switch function {
      case .relu: loops.reluSlope(f, times: g, to: t, r.count)
      case .sigmoid: loops.sigmoidSlope(f, times: g, to: t, r.count)
      case .tanh: loops.tanhSlope(f, times: g, to: t, r.count)
      }
    }
  }
}

struct LossStep: Step {
  let loss: LossKind
  let batch, classes: Int
  let outputs, targets, gradient, report: Slot
  var task: String { "loss" }
  var algorithm: String { "\(loss)" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 12 * batch * classes }
  var isSerial: Bool { true }
  func run(_ memory: Memory, _ worker: Worker) {
    guard worker.index == 0 else { return }
    var sum = 0.0
    var correct = 0
    let (zs, ys, gs) = (memory[outputs], memory[targets], memory[gradient])
    for image in 0..<batch {
      let (z, y, g) = (zs + image * classes, ys + image * classes, gs + image * classes)
      var best = 0, wanted = 0
      for k in 0..<classes {
        if z[k] > z[best] { best = k }
        if y[k] > y[wanted] { wanted = k }
      }
      if best == wanted { correct += 1 }
      switch loss {
      case .binaryCrossEntropyWithLogits:
        let m = Float(batch * classes)
        for k in 0..<classes {
          let (zd, yd) = (Double(z[k]), Double(y[k]))
          let e = exp(-abs(zd))
          sum += max(zd, 0) - zd * yd + log1p(e)
          let s = zd >= 0 ? 1 / (1 + e) : e / (1 + e)
          g[k] = (Float(s) - y[k]) / m
        }
      case .categoricalCrossEntropyWithLogits:
        let largest = Double(z[best])
        var total = 0.0
        for k in 0..<classes { total += exp(Double(z[k]) - largest) }
        for k in 0..<classes {
          sum += Double(y[k]) * (log(total) - (Double(z[k]) - largest))
          g[k] = (Float(exp(Double(z[k]) - largest) / total) - y[k]) / Float(batch)
        }
      case .meanSquaredError:
        for k in 0..<classes {
          let d = z[k] - y[k]
          sum += Double(d) * Double(d)
          g[k] = 2 * d / Float(batch * classes)
        }
      }
    }
    let scale = loss == .categoricalCrossEntropyWithLogits ? Double(batch) : Double(batch * classes)
    let out = UnsafeMutableRawPointer(memory[report])
    out.storeBytes(of: sum / scale, as: Double.self)
    out.storeBytes(of: Double(correct), toByteOffset: 8, as: Double.self)
  }
}
