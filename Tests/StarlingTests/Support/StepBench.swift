import Starling

/// A workspace and parameters that a test's steps run on.
final class StepBench {
  var layout = WorkspaceLayout()
  private var workspace: UnsafeMutablePointer<Float>?
  private let parameters: UnsafeMutablePointer<UnsafeMutablePointer<Float>>
  private let count: Int

  /// Parameters that end where their memory does.
  init(parameters tensors: [[Float]]) {
    count = tensors.count
    parameters = .allocate(capacity: max(1, tensors.count))
    for (index, tensor) in tensors.enumerated() {
      let copy = UnsafeMutablePointer<Float>.allocate(capacity: tensor.count)
      copy.initialize(from: tensor, count: tensor.count)
      (parameters + index).initialize(to: copy)
    }
  }

  deinit {
    for index in 0..<count { parameters[index].deallocate() }
    parameters.deallocate()
    workspace?.deallocate()
  }

  /// The workspace, which is made of NaN when it is first asked for: a step may read only what it wrote.
  var memory: Memory {
    let floats: UnsafeMutablePointer<Float>
    if let workspace {
      floats = workspace
    } else {
      floats = UnsafeMutableRawPointer.allocate(byteCount: 4 * layout.count, alignment: 64)
        .bindMemory(to: Float.self, capacity: layout.count)
      floats.initialize(repeating: .nan, count: layout.count)
      workspace = floats
    }
    return Memory(workspace: floats, parameters: UnsafePointer(parameters), gradients: nil)
  }

  /// Zeros, and on them images in [batch][channel][row][column].
  func fill(_ activation: Activation, with images: [Float]? = nil) {
    let to = memory[activation.slot]
    for index in 0..<activation.slot.count { to[index] = 0 }
    guard let images else { return }
    forEachNumber(of: activation) { index, offset in to[offset] = images[index] }
  }

  /// The images of activations, and whether all else in them is zero.
  func images(of activation: Activation) -> (numbers: [Float], isRestZero: Bool) {
    let from = memory[activation.slot]
    var rest = Array(UnsafeBufferPointer(start: from, count: activation.slot.count))
    var numbers: [Float] = []
    forEachNumber(of: activation) { _, offset in
      numbers.append(from[offset])
      rest[offset] = 0
    }
    return (numbers, rest.allSatisfy { $0 == 0 })
  }

  /// The numbers at a place.
  func numbers(at slot: Slot) -> [Float] {
    Array(UnsafeBufferPointer(start: memory[slot], count: slot.count))
  }

  /// The bytes at a place.
  func bytes(at slot: Slot) -> [UInt8] {
    Array(UnsafeRawBufferPointer(start: memory[slot], count: 4 * slot.count))
  }

  /// Runs steps one after the other on so many workers.
  func run(_ steps: [any Step], workers: Int) {
    let memory = memory
    ThreadPool.shared.run(workers: workers) { worker in
      for step in steps {
        step.run(memory, worker)
        worker.barrier()
      }
    }
  }

  private func forEachNumber(of activation: Activation, _ body: (Int, Int) -> Void) {
    var index = 0
    for image in 0..<activation.batch {
      for channel in 0..<activation.channels {
        for y in 0..<activation.height {
          for x in 0..<activation.width {
            let pixel = (y + activation.border) * activation.fullWidth + x + activation.border
            body(index, image * activation.imageStride + pixel * activation.pitch + channel)
            index += 1
          }
        }
      }
    }
  }
}

/// The largest distance between two lists of numbers over the standard deviation of the second.
func largestError(of found: [Float], from expected: [Double]) -> Double {
  guard found.count == expected.count, !found.isEmpty else { return .infinity }
  let mean = expected.reduce(0, +) / Double(expected.count)
  let variance = expected.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(expected.count)
  var largest = 0.0
  for (a, b) in zip(found, expected) {
    guard a.isFinite else { return .infinity }
    largest = max(largest, abs(Double(a) - b))
  }
  return largest / max(variance, 1e-6).squareRoot()
}
