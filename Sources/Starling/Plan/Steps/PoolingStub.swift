struct PoolingForward: Step {
  enum Kind { case largest, mean }
  init(_ k: Kind, size: Int, stride: Int, x: Activation, y: Activation, isTraining: Bool, workers: Int, in w: inout WorkspaceLayout) {}
  var task: String { "" }
  var algorithm: String { "" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 0 }
  func run(_ memory: Memory, _ worker: Worker) {}
}
struct PoolingBackward: Step {
  init(of: PoolingForward, dY: Activation, dX: Activation, workers: Int, in w: inout WorkspaceLayout) {}
  var task: String { "" }
  var algorithm: String { "" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 0 }
  func run(_ memory: Memory, _ worker: Worker) {}
}
