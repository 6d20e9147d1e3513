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

  /// All that this machine can run.
  static let setsAndSizes = InstructionSet.allCases.filter(\.isSupported).flatMap { set in
    WinogradSize.allCases.map { (set, $0) }
  }

  /// Sizes, paddings and channel counts that fill tiles, vectors and blocks, or do not.
  static let all: [WinogradCase] = {
    var cases: [WinogradCase] = []
    for (set, size) in setsAndSizes {
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
