/// y = f(x) on the parts of one image's numbers.
struct ElementwisePartsForward: Step {
  let function: ElementwiseKind
  let x, y: Slot
  let parts: Parts
  var loops = ElementwiseLoops.current

  var task: String { "\(function)" }
  var algorithm: String { "vectors" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 8 * x.count }
  var localParts: Parts? { parts }

  func run(_ memory: Memory, _ worker: Worker) {
    for part in worker.share(of: parts.count) {
      let numbers = parts[part]
      function.apply(
        loops, memory[x] + numbers.lowerBound, to: memory[y] + numbers.lowerBound, numbers.count)
    }
  }
}

/// dE/dx = dE/dy·f′(x) on the parts of one image's numbers, in place.
struct ElementwisePartsBackward: Step {
  let function: ElementwiseKind
  let y, dY: Slot
  let parts: Parts
  var loops = ElementwiseLoops.current

  var task: String { "\(function) slope" }
  var algorithm: String { "vectors" }
  var multiplyAdds: Int { 0 }
  var bytes: Int { 12 * y.count }
  var localParts: Parts? { parts }

  func run(_ memory: Memory, _ worker: Worker) {
    for part in worker.share(of: parts.count) {
      let numbers = parts[part]
      let slopes = memory[dY] + numbers.lowerBound
      function.applySlope(
        loops, memory[y] + numbers.lowerBound, times: slopes, to: slopes, numbers.count)
    }
  }
}
