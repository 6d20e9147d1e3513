import Starling
import Testing

/// A 3 × 3 convolution of random numbers, and what the formula makes of it in `Double`.
struct WinogradCase: CustomTestStringConvertible {
  var size = WinogradSize.large
  var set = InstructionSet.current
  var batch = 2
  var inputDepth = 5
  var depth = 7
  var height = 9
  var width = 8
  var padding = 1
  /// Zeros that the activations have around them, which may be fewer or more than the padding.
  var inputBorder = 0
  var outputBorder = 1
  var workers = 1

  var testDescription: String {
    "F(\(size.rawValue)) \(set) \(batch)×\(inputDepth)→\(depth) \(height)×\(width) padding \(padding) "
      + "borders \(inputBorder) and \(outputBorder), workers \(workers)"
  }

  var outputHeight: Int { height + 2 * padding - 2 }
  var outputWidth: Int { width + 2 * padding - 2 }

  var x: [Float] { numbers(batch * inputDepth * height * width, seed: 1) }
  var dY: [Float] { numbers(batch * depth * outputHeight * outputWidth, seed: 2) }
  var kernels: [Float] { numbers(depth * inputDepth * 9, seed: 3) }
  var biases: [Float] { numbers(depth, seed: 4) }

  private func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var random = SeededGenerator(seed: seed, stream: 5)
    return (0..<count).map { _ in Float(random.normal()) }
  }

  /// Sizes, paddings and channel counts that fill tiles, vectors and blocks, or do not.
  static let all: [WinogradCase] = {
    var cases: [WinogradCase] = []
    for set in InstructionSet.allCases where set.isSupported {
      for size in WinogradSize.allCases {
        func add(_ change: (inout WinogradCase) -> Void) {
          var new = WinogradCase(size: size, set: set)
          change(&new)
          cases.append(new)
        }
        add { _ in }
        add { ($0.height, $0.width, $0.padding) = (3, 3, 0) }
        add { ($0.height, $0.width, $0.padding) = (2, 2, 1) }
        add { ($0.height, $0.width, $0.padding, $0.inputBorder) = (2, 3, 2, 2) }
        add { ($0.height, $0.width, $0.padding, $0.outputBorder) = (13, 13, 0, 2) }
        add { ($0.height, $0.width, $0.inputBorder, $0.workers) = (8, 8, 1, 2) }
        add { ($0.height, $0.width, $0.padding, $0.outputBorder) = (4, 12, 2, 0) }
        add { ($0.batch, $0.inputDepth, $0.depth, $0.workers) = (33, 16, 16, 3) }
        add { ($0.batch, $0.inputDepth, $0.depth) = (1, 32, 64) }
        add { ($0.batch, $0.inputDepth, $0.depth, $0.workers) = (3, 70, 48, 2) }
        add { ($0.inputDepth, $0.depth, $0.workers) = (128, 33, 8) }
      }
    }
    return cases
  }()

  /// The sums over all outputs and taps, each with the places of its numbers in dY, x and the kernels.
  private func forEachProduct(_ body: (_ dY: Int, _ x: Int, _ k: Int) -> Void) {
    for image in 0..<batch {
      for j in 0..<depth {
        for i in 0..<inputDepth {
          for y in 0..<outputHeight {
            for x in 0..<outputWidth {
              let output = ((image * depth + j) * outputHeight + y) * outputWidth + x
              for u in max(0, padding - y)..<min(3, height + padding - y) {
                for v in max(0, padding - x)..<min(3, width + padding - x) {
                  body(
                    output,
                    ((image * inputDepth + i) * height + y + u - padding) * width + x + v - padding,
                    ((j * inputDepth + i) * 3 + u) * 3 + v)
                }
              }
            }
          }
        }
      }
    }
  }

  /// Y_j = b_j + Σ_i X_i ⋆ K_ji.
  var expectedY: [Double] {
    let (x, kernels, biases) = (x, kernels, biases)
    let area = outputHeight * outputWidth
    var y = (0..<batch * depth * area).map { Double(biases[$0 / area % depth]) }
    forEachProduct { y[$0] += Double(x[$1]) * Double(kernels[$2]) }
    return y
  }

  /// dE/dX_i = Σ_j dE/dY_j ∗ K_ji.
  var expectedDX: [Double] {
    let (dY, kernels) = (dY, kernels)
    var dX = [Double](repeating: 0, count: batch * inputDepth * height * width)
    forEachProduct { dX[$1] += Double(dY[$0]) * Double(kernels[$2]) }
    return dX
  }

  /// dE/dK_ji = X_i ⋆ dE/dY_j.
  var expectedDK: [Double] {
    let (dY, x) = (dY, x)
    var dK = [Double](repeating: 0, count: depth * inputDepth * 9)
    forEachProduct { dK[$2] += Double(dY[$0]) * Double(x[$1]) }
    return dK
  }

  /// dE/db_j = Σ dE/dY_j.
  var expectedDB: [Double] {
    let dY = dY
    let area = outputHeight * outputWidth
    var dB = [Double](repeating: 0, count: depth)
    for index in dY.indices { dB[index / area % depth] += Double(dY[index]) }
    return dB
  }
}

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
