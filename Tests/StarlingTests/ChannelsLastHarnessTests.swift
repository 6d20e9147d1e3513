import Starling

/// A workspace, parameters and workers for steps on trial.
final class StepTrial {
  var layout = WorkspaceLayout()
  private var parameters: [UnsafeMutablePointer<Float>] = []
  private var table: UnsafeMutablePointer<UnsafeMutablePointer<Float>>?
  private var floats: UnsafeMutablePointer<Float>?
  /// What lies behind the workspace's end: nobody may touch it.
  private static let guardValue: Float = 12_345.5

  deinit {
    for parameter in parameters { parameter.deallocate() }
    table?.deallocate()
    floats?.deallocate()
  }

  /// The number that a parameter tensor of such elements goes by.
  func parameter(_ elements: [Float]) -> Int {
    let copy = UnsafeMutablePointer<Float>.allocate(capacity: elements.count)
    for (index, element) in elements.enumerated() { copy[index] = element }
    parameters.append(copy)
    return parameters.count - 1
  }

  /// What the steps work on; asked for once all places are handed out.
  var memory: Memory {
    let floats = self.floats ?? allocate()
    let table = self.table ?? UnsafeMutablePointer.allocate(capacity: parameters.count + 1)
    for (index, parameter) in parameters.enumerated() { table[index] = parameter }
    (self.floats, self.table) = (floats, table)
    return Memory(
      workspace: floats, parameters: UnsafePointer(table), gradients: nil, seed: 1,
      learningRate: 0.1)
  }

  private func allocate() -> UnsafeMutablePointer<Float> {
    let floats = UnsafeMutablePointer<Float>.allocate(capacity: layout.count + 64)
    floats.initialize(repeating: 0, count: layout.count)
    (floats + layout.count).initialize(repeating: StepTrial.guardValue, count: 64)
    return floats
  }

  /// Whether what lies behind the workspace is as it was.
  var isIntact: Bool {
    (0..<64).allSatisfy { memory.workspace[layout.count + $0] == StepTrial.guardValue }
  }

  /// Runs steps with so many workers.
  func run(_ steps: [any Step], workers: Int) {
    let memory = memory
    for step in steps {
      ThreadPool.shared.run(workers: workers) { step.run(memory, $0) }
    }
  }

  /// Puts the elements of a tensor, [batch][channel][row][column], into pixels.
  func write(_ elements: [Float], to pixels: Pixels) {
    let to = memory[pixels.slot]
    each(pixels) { index, offset in to[offset] = elements[index] }
  }

  /// The elements of a tensor, [batch][channel][row][column], out of pixels.
  func read(_ pixels: Pixels) -> [Float] {
    var elements = [Float](
      repeating: 0, count: pixels.batch * pixels.channels * pixels.height * pixels.width)
    let from = memory[pixels.slot]
    each(pixels) { index, offset in elements[index] = from[offset] }
    return elements
  }

  /// A convolution's kernels and biases, and an input whose border is wider than the padding by `extra`.
  func pack(
    _ sizes: ConvolutionReference, _ kernels: [Float], _ bias: [Float]?, extra: Int, pitch: Int?,
    _ set: InstructionSet
  ) -> ChannelsLastPack {
    let border = sizes.padding + extra
    let natural = Activation.pitch(sizes.inputDepth)
    let area = (sizes.height + 2 * border) * (sizes.width + 2 * border)
    let x = Pixels(
      slot: layout.slot(sizes.batch * area * (pitch ?? natural)), batch: sizes.batch,
      channels: sizes.inputDepth, height: sizes.height, width: sizes.width, border: border,
      pitch: pitch ?? natural)
    let convolution = PixelConvolution(
      x, depth: sizes.depth, kernelHeight: sizes.kernelHeight, kernelWidth: sizes.kernelWidth,
      stride: sizes.stride, padding: sizes.padding)
    let weight = parameter(kernels)
    let biases = bias.map { parameter($0) }
    return ChannelsLastPack(
      convolution, weight: weight, bias: biases,
      perPosition: bias.map { $0.count != sizes.depth } ?? false, in: &layout, for: set)
  }

  /// Winners in the order of a tensor's elements.
  func read(_ winners: PoolingWinners, channels: Int, batch: Int) -> [UInt8] {
    memory[winners.slot].withMemoryRebound(to: UInt8.self, capacity: 4 * winners.slot.count) {
      bytes in
      var elements: [UInt8] = []
      for image in 0..<batch {
        for channel in 0..<channels {
          for row in 0..<winners.height {
            for column in 0..<winners.width {
              elements.append(bytes[winners.offset(image, row, column) + channel])
            }
          }
        }
      }
      return elements
    }
  }

  func read(_ slot: Slot) -> [Float] { (0..<slot.count).map { memory[slot][$0] } }

  /// Whether all that is no number of the image, the border and the channels that fill up, is zero.
  func isZeroElsewhere(_ pixels: Pixels) -> Bool {
    var isImage = [Bool](repeating: false, count: pixels.count)
    each(pixels) { _, offset in isImage[offset] = true }
    let from = memory[pixels.slot]
    return isImage.indices.allSatisfy { isImage[$0] || from[$0] == 0 }
  }

  private func each(_ pixels: Pixels, _ body: (_ index: Int, _ offset: Int) -> Void) {
    var index = 0
    for image in 0..<pixels.batch {
      for channel in 0..<pixels.channels {
        for row in 0..<pixels.height {
          for column in 0..<pixels.width {
            body(index, pixels.offset(image, row, column) + channel * pixels.channelStride)
            index += 1
          }
        }
      }
    }
  }
}

/// A convolution, perhaps with ReLU and pooling, in `Double` and in the plainest loops: the truth that
/// steps are held to.
struct ConvolutionReference {
  var batch = 1, inputDepth = 1, height = 1, width = 1
  var depth = 1, kernelHeight = 1, kernelWidth = 1, stride = 1, padding = 0

  var outputHeight: Int { (height + 2 * padding - kernelHeight) / stride + 1 }
  var outputWidth: Int { (width + 2 * padding - kernelWidth) / stride + 1 }
  var inputCount: Int { batch * inputDepth * height * width }
  var outputCount: Int { batch * depth * outputHeight * outputWidth }
  var kernelCount: Int { depth * inputDepth * kernelHeight * kernelWidth }
  var pooledHeight: Int { outputHeight / 2 }
  var pooledWidth: Int { outputWidth / 2 }
  var pooledCount: Int { batch * depth * pooledHeight * pooledWidth }

  func forward(_ x: [Float], _ kernels: [Float]) -> [Double] {
    var y = [Double](repeating: 0, count: outputCount)
    each { x1, k, y1 in y[y1] += Double(x[x1]) * Double(kernels[k]) }
    return y
  }

  func kernelGradient(_ x: [Float], _ dY: [Double]) -> [Double] {
    var dK = [Double](repeating: 0, count: kernelCount)
    each { x1, k, y1 in dK[k] += Double(x[x1]) * dY[y1] }
    return dK
  }

  func inputGradient(_ kernels: [Float], _ dY: [Double]) -> [Double] {
    var dX = [Double](repeating: 0, count: inputCount)
    each { x1, k, y1 in dX[x1] += Double(kernels[k]) * dY[y1] }
    return dX
  }

  /// dE/dY of one bias a map, or one a position.
  func biasGradient(_ dY: [Double], perPosition: Bool) -> [Double] {
    let area = outputHeight * outputWidth
    var dB = [Double](repeating: 0, count: depth * (perPosition ? area : 1))
    for (index, slope) in dY.enumerated() {
      dB[perPosition ? index % (depth * area) : index / area % depth] += slope
    }
    return dB
  }

  /// Max pooling over 2×2 of y, and for each result the index of the y that it is, the first of equals.
  func pool(_ y: [Double]) -> (maxima: [Double], from: [Int]) {
    var maxima: [Double] = []
    var from: [Int] = []
    for map in 0..<batch * depth {
      for row in 0..<pooledHeight {
        for column in 0..<pooledWidth {
          let corner = (map * outputHeight + 2 * row) * outputWidth + 2 * column
          var best = corner
          for index in [corner + 1, corner + outputWidth, corner + outputWidth + 1]
          where y[index] > y[best] { best = index }
          maxima.append(y[best])
          from.append(best)
        }
      }
    }
    return (maxima, from)
  }

  /// Calls `body` with the indices of x, kernel and y of each product.
  private func each(_ body: (_ x: Int, _ kernel: Int, _ y: Int) -> Void) {
    for image in 0..<batch {
      for j in 0..<depth {
        for row in 0..<outputHeight {
          for column in 0..<outputWidth {
            let y = ((image * depth + j) * outputHeight + row) * outputWidth + column
            for i in 0..<inputDepth {
              for u in 0..<kernelHeight {
                let xRow = row * stride + u - padding
                guard xRow >= 0, xRow < height else { continue }
                for v in 0..<kernelWidth {
                  let xColumn = column * stride + v - padding
                  guard xColumn >= 0, xColumn < width else { continue }
                  body(
                    ((image * inputDepth + i) * height + xRow) * width + xColumn,
                    ((j * inputDepth + i) * kernelHeight + u) * kernelWidth + v, y)
                }
              }
            }
          }
        }
      }
    }
  }

  /// Sizes at random, small enough for the plainest loops; images that a kernel fits in.
  static func random(
    _ random: inout SeededGenerator, stride strides: ClosedRange<Int> = 1...3, depth most: Int = 70
  ) -> ConvolutionReference {
    var sizes = ConvolutionReference()
    sizes.kernelHeight = 1 + random.index(below: 5)
    sizes.kernelWidth =
      random.index(below: 3) == 0 ? 1 + random.index(below: 7) : sizes.kernelHeight
    sizes.stride = strides.lowerBound + random.index(below: strides.count)
    sizes.padding = random.index(below: 3)
    sizes.height = sizes.kernelHeight + 1 + random.index(below: 9)
    sizes.width = sizes.kernelWidth + 1 + random.index(below: 12)
    let isWide = random.index(below: 2) == 0
    sizes.inputDepth = 1 + random.index(below: isWide ? most : 6)
    sizes.depth = 1 + random.index(below: isWide ? 20 : most)
    sizes.batch = 1 + random.index(below: random.index(below: 4) == 0 ? 17 : 4)
    return sizes
  }
}

/// Numbers from the normal distribution.
func normals(_ count: Int, _ random: inout SeededGenerator) -> [Float] {
  (0..<count).map { _ in Float(random.normal()) }
}

/// The largest difference, as a share of the largest size of what was expected.
func largestError(_ found: [Float], _ expected: [Double]) -> Double {
  guard found.count == expected.count else { return .infinity }
  let scale = expected.map(abs).max() ?? 1
  let errors = zip(found, expected).map { abs(Double($0) - $1) }
  // A NaN is larger than everything.
  guard errors.allSatisfy(\.isFinite) else { return .infinity }
  return (errors.max() ?? 0) / max(scale, 1e-6)
}

/// The sets that this machine can run.
let supportedSets = InstructionSet.allCases.filter(\.isSupported)
