import Starling

/// How many images a second one convolution with 3 × 3 kernels predicts for, as it grows.
struct Growth: Encodable {
  /// A layer and its speed.
  struct Point: Encodable {
    let channels, side: Int
    /// Images a second, with the algorithm that the plan chooses and with those that are exact alone.
    let imagesPerSecond, exactImagesPerSecond: Double
    let algorithm, exactAlgorithm: String
    /// Multiply-adds of the formula for an image.
    let multiplyAdds: Int
  }

  let instructionSet: String
  let batchSize, threads: Int
  /// As many output channels as input channels, on images of one size.
  let channels: [Point]
  /// The same channels on larger and larger images.
  let sides: [Point]

  private static let batch = 16

  static func measured() throws -> Growth {
    Growth(
      instructionSet: InstructionSet.current.rawValue, batchSize: batch,
      threads: Threads.available.count,
      channels: try [1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256].map {
        try point(channels: $0, side: 32)
      },
      sides: try [4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128].map {
        try point(channels: 64, side: $0)
      })
  }

  private static func point(channels: Int, side: Int) throws -> Point {
    var network = try Network(input: [channels, side, side], seed: 1) {
      Convolution(depth: channels, kernelSize: 3, padding: 1)
      ReLU()
    }
    let count = batch * channels * side * side
    let images = Floats(count)
    let x = try Tensor(
      [batch, channels, side, side],
      elements: Array(UnsafeBufferPointer(start: images.start, count: count)))
    func measure(isExact: Bool) throws -> (speed: Double, algorithm: String) {
      network.isExact = isExact
      // The first run tells whether there is an error; the others cannot have another one.
      _ = try network(x)
      let nanoseconds = Measurement.nanoseconds { _ = try? network(x) }
      let step = try network.planSummary(batchSize: batch)?.steps.first { $0.multiplyAdds > 0 }
      return (Double(batch) / nanoseconds * 1e9, step?.algorithm ?? "layer by layer")
    }
    let (speed, algorithm) = try measure(isExact: false)
    let (exact, exactAlgorithm) = try measure(isExact: true)
    return Point(
      channels: channels, side: side, imagesPerSecond: speed, exactImagesPerSecond: exact,
      algorithm: algorithm, exactAlgorithm: exactAlgorithm,
      multiplyAdds: 9 * channels * channels * side * side)
  }
}
