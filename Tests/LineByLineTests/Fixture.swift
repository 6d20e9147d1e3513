import LineByLine

/// Numbers small enough to check by hand: one input, one kernel, and a given dE/dY.
enum Fixture {
  static let X: Matrix = [[1, 6, 2], [5, 3, 1], [7, 0, 4]]
  static let K: Matrix = [[1, 2], [-1, 0]]
  static let dY: Matrix = [[1, 0], [2, -1]]

  static func layer(biases: Volume = Volume(shape: [1, 2, 2])) throws -> ConvolutionalLayer {
    try ConvolutionalLayer(inputShape: [1, 3, 3], kernels: Kernels([[K]]), biases: biases)
  }
}

extension SplitMix64 {
  /// Numbers between −1 and 1.
  mutating func volume(_ shape: VolumeShape) -> Volume {
    Volume(shape: shape, values: (0..<shape.count).map { _ in 2 * uniform() - 1 })
  }

  /// A number from 1 to `last`.
  mutating func size(upTo last: Int) -> Int {
    Int(uniform() * Double(last)) + 1
  }
}
