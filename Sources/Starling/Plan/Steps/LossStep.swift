import Foundation

/// The error of a batch, how many images it is right about, and dE/dz, where z is what the loss is a function of.
///
/// The formulas are those of ``BinaryCrossEntropyWithLogits``, ``CategoricalCrossEntropyWithLogits`` and
/// ``MeanSquaredError``, in `Double`. Nothing is held back: a z that is no number makes the error none.
package struct LossStep: Step {
  private let loss: LossKind
  private let batch, classes: Int
  private let outputs, targets, gradient: Slot
  /// Where the result lies, as two `Double`: the mean error, and how many images it is right about.
  ///
  /// Behind it lie the same two for each image.
  package let report: Slot

  /// The loss of outputs for targets, both [batch][classes].
  package init(
    loss: LossKind, batch: Int, classes: Int, outputs: Slot, targets: Slot, gradient: Slot,
    in workspace: inout WorkspaceLayout
  ) {
    self.loss = loss
    self.batch = batch
    self.classes = classes
    self.outputs = outputs
    self.targets = targets
    self.gradient = gradient
    report = workspace.slot(4 * (batch + 1))
  }

  package var task: String { "loss" }
  package var algorithm: String { "\(loss)" }
  package var verdict: Slot? { report }
  package var multiplyAdds: Int { 0 }
  package var bytes: Int { 12 * batch * classes }
  package var isSerial: Bool { batch * classes < 256 }

  package func run(_ memory: Memory, _ worker: Worker) {
    let report = UnsafeMutableRawPointer(memory[report])
    for image in worker.share(of: batch) {
      let first = image * classes
      let z = UnsafePointer(memory[outputs] + first)
      let y = UnsafePointer(memory[targets] + first)
      let gradient = memory[gradient] + first
      let result: ImageResult
      switch loss {
      case .binaryCrossEntropyWithLogits: result = binary(z, y, gradient)
      case .categoricalCrossEntropyWithLogits: result = categorical(z, y, gradient)
      case .meanSquaredError: result = squared(z, y, gradient)
      }
      report.storeBytes(of: result, toByteOffset: 16 * (image + 1), as: ImageResult.self)
    }
    worker.barrier()
    guard worker.index == 0 else { return }
    var total = ImageResult(error: 0, correct: 0)
    for image in 1...batch {
      let one = report.load(fromByteOffset: 16 * image, as: ImageResult.self)
      total.error += one.error
      total.correct += one.correct
    }
    total.error /= mean
    report.storeBytes(of: total, as: ImageResult.self)
  }

  /// What is left of an image.
  private struct ImageResult {
    var error, correct: Double
  }

  /// What the error is a mean over: predictions, or images.
  private var mean: Double {
    Double(loss == .categoricalCrossEntropyWithLogits ? batch : batch * classes)
  }

  /// Σ [max(z, 0) − z·y + log(1 + e^−|z|)], and σ(z) − y over the mean.
  private func binary(
    _ z: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>
  ) -> ImageResult {
    var error = 0.0
    var (prediction, target) = (Largest(), Largest())
    for k in 0..<classes {
      let (zk, yk) = (Double(z[k]), Double(y[k]))
      let small = exp(-abs(zk))
      error += max(zk, 0) - zk * yk + log1p(small)
      let σ = (zk < 0 ? small : 1) / (1 + small)
      gradient[k] = Float((σ - yk) / mean)
      prediction.see(Float(σ), at: k)
      target.see(y[k], at: k)
    }
    return ImageResult(error: error, correct: prediction.index == target.index ? 1 : 0)
  }

  /// Σ y_k·(log Σ_l e^(z_l) − z_k), relative to the largest z; and softmax(z)_k·Σ_l y_l − y_k over the mean.
  private func categorical(
    _ z: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>
  ) -> ImageResult {
    var largest = -Float.infinity
    var weight = 0.0
    for k in 0..<classes {
      largest = max(largest, z[k])
      weight += Double(y[k])
    }
    var sum = 0.0
    for k in 0..<classes {
      let power = exp(Double(z[k]) - Double(largest))
      gradient[k] = Float(power)
      sum += power
    }
    let logSum = log(sum)
    var error = 0.0
    var (prediction, target) = (Largest(), Largest())
    for k in 0..<classes {
      let yk = Double(y[k])
      error += yk * (logSum - (Double(z[k]) - Double(largest)))
      let share = Double(gradient[k]) / sum
      gradient[k] = Float((share * weight - yk) / mean)
      prediction.see(Float(share), at: k)
      target.see(y[k], at: k)
    }
    return ImageResult(error: error, correct: prediction.index == target.index ? 1 : 0)
  }

  /// Σ (ŷ − y)², and 2·(ŷ − y) over the mean.
  private func squared(
    _ z: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>
  ) -> ImageResult {
    var error = 0.0
    var (prediction, target) = (Largest(), Largest())
    for k in 0..<classes {
      let difference = Double(z[k]) - Double(y[k])
      error += difference * difference
      gradient[k] = Float(2 * difference / mean)
      prediction.see(z[k], at: k)
      target.see(y[k], at: k)
    }
    return ImageResult(error: error, correct: prediction.index == target.index ? 1 : 0)
  }

  /// The first of the largest numbers of a row, as ``Evaluation`` takes it.
  private struct Largest {
    private var value = Float.nan
    private(set) var index = 0

    mutating func see(_ number: Float, at k: Int) {
      guard k == 0 || value < number else { return }
      (value, index) = (number, k)
    }
  }
}
