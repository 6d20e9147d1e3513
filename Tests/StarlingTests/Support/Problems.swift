import Starling

extension Dataset {
  /// Small images of random bytes, of which a stripe tells the class.
  static func stripes(
    _ count: Int, classes: Int = 3, shape: Shape = [1, 6, 5], seed: UInt64 = 1
  ) throws -> Dataset {
    var random = SeededGenerator(seed: seed)
    var pixels: [UInt8] = []
    var labels: [Int] = []
    for _ in 0..<count {
      let label = random.index(below: classes)
      labels.append(label)
      for pixel in 0..<shape.count {
        let isInStripe = pixel % classes == label
        pixels.append(UInt8(random.index(below: 100) + (isInStripe ? 150 : 0)))
      }
    }
    return try Dataset(
      imageShape: shape, pixels: pixels, labels: labels,
      classNames: (0..<classes).map { "stripe \($0)" })
  }
}

extension Network {
  /// A small network with each kind of layer that learns.
  static func small(
    input: Shape = [1, 6, 5], classes: Int = 3, seed: UInt64 = 1
  ) throws -> Network {
    try Network(input: input, seed: seed) {
      Convolution(depth: 2, kernelSize: 3, bias: .perPosition)
      Tanh()
      Flatten()
      Dense(classes)
      Softmax()
    }
  }
}
