/// y = softmax(x), image by image, in vectors one behind the other.
///
/// y may lie on x.
package struct SoftmaxForward: Step {
  private let batch, classes: Int
  private let x, y: Slot
  private let loops: ElementwiseLoops

  package init(
    batch: Int, classes: Int, x: Slot, y: Slot, loops: ElementwiseLoops = .current
  ) {
    self.batch = batch
    self.classes = classes
    self.x = x
    self.y = y
    self.loops = loops
  }

  package var task: String { "softmax" }
  package var algorithm: String { "vectors, rows" }
  package var multiplyAdds: Int { 0 }
  package var bytes: Int { 8 * batch * classes }
  package var isSerial: Bool { batch * classes < 1024 }

  package func run(_ memory: Memory, _ worker: Worker) {
    let images = worker.share(of: batch)
    let first = images.lowerBound * classes
    loops.softmax(
      memory[x] + first, stride: classes, to: memory[y] + first, stride: classes,
      rows: images.count, columns: classes)
  }
}

/// dE/dx_k = y_k·(dE/dy_k − Σ_l y_l·dE/dy_l), image by image.
///
/// dX may lie on dY.
package struct SoftmaxBackward: Step {
  private let batch, classes: Int
  private let y, dY, dX: Slot

  package init(batch: Int, classes: Int, y: Slot, dY: Slot, dX: Slot) {
    self.batch = batch
    self.classes = classes
    self.y = y
    self.dY = dY
    self.dX = dX
  }

  package var task: String { "softmax slope" }
  package var algorithm: String { "rows" }
  package var multiplyAdds: Int { 0 }
  package var bytes: Int { 12 * batch * classes }
  package var isSerial: Bool { batch * classes < 1024 }

  package func run(_ memory: Memory, _ worker: Worker) {
    for image in worker.share(of: batch) {
      let first = image * classes
      let (y, dY, dX) = (memory[y] + first, memory[dY] + first, memory[dX] + first)
      var mean: Float = 0
      for k in 0..<classes { mean += y[k] * dY[k] }
      for k in 0..<classes { dX[k] = y[k] * (dY[k] - mean) }
    }
  }
}
