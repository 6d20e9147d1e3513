import Dispatch
public import Starling

/// Handwritten-looking digits from 0 to 9, made by the program itself: no file, no network.
///
/// A digit starts as a skeleton of pen strokes; its keyframes are mixed, its knots jittered, the whole
/// bent, slanted and turned, inked with a pen of varying width and pressure, and placed as MNIST
/// places its digits. Networks trained on them read real handwriting.
///
///     let digits = try BuiltInDigits.load(classes: [0, 1], trainPerClass: 100)
///     digits.train[0].image      // 1×28×28
public enum BuiltInDigits {
  /// The most images that can be made of one class, which keeps all of a half below a gigabyte.
  public static let largestCountPerClass = 100_000

  /// Training and test images of some digits, in the order 0, 1, …, 0, 1, … for the classes 0 and 1.
  ///
  /// Each image is drawn from random numbers of its own: it is the same however many others are made.
  /// About 20 µs an image, on each core.
  ///
  /// - Parameters:
  ///   - classes: The digits, in the order in which they are to be numbered.
  ///   - trainPerClass: How many training images to make of each digit; `nil` makes 6,000.
  ///   - testPerClass: How many test images to make of each digit; `nil` makes 1,000.
  ///   - seed: Another seed gives other images.
  /// - Returns: The two halves, which share no image.
  /// - Throws: `DatasetError` when a class is no digit or named twice, or a count is below 1 or above
  ///   ``largestCountPerClass``.
  public static func load(
    classes: [Int] = Array(0...9), trainPerClass: Int? = nil, testPerClass: Int? = nil,
    seed: UInt64 = 1
  ) throws(DatasetError) -> DatasetSplit {
    for digit in classes { try check(digit) }
    guard !classes.isEmpty, Set(classes).count == classes.count else {
      throw DatasetError(
        "built-in digits, classes \(classes): name at least one of 0 to 9, and each once")
    }
    return DatasetSplit(
      train: try half(0, classes, count: trainPerClass ?? 6000, seed),
      test: try half(1, classes, count: testPerClass ?? 1000, seed))
  }

  /// One digit as 28×28 bytes, row by row, light on dark, placed as MNIST places its digits.
  ///
  /// - Parameters:
  ///   - digit: What to write, from 0 to 9.
  ///   - generator: Where the variation comes from; the same state gives the same picture.
  /// - Returns: The 784 bytes.
  /// - Throws: `DatasetError` when `digit` is not one.
  public static func image(
    of digit: Int, using generator: inout SeededGenerator
  ) throws(DatasetError) -> [UInt8] {
    try check(digit)
    var picture = [UInt8](repeating: 0, count: Canvas.pixelCount)
    var writer = DigitWriter()
    picture.withUnsafeMutableBufferPointer { writer.write(digit, into: $0, using: &generator) }
    return picture
  }

  private static func check(_ digit: Int) throws(DatasetError) {
    guard Skeleton.digits.indices.contains(digit) else {
      throw DatasetError("built-in digits: there is no digit \(digit); the classes are 0 to 9")
    }
  }

  /// One half of the data: 0 for training, 1 for testing.
  private static func half(
    _ half: UInt64, _ classes: [Int], count: Int, _ seed: UInt64
  ) throws(DatasetError) -> Dataset {
    guard (1...largestCountPerClass).contains(count) else {
      throw DatasetError(
        "built-in digits: \(count) \(half == 0 ? "training" : "test") images a class; "
          + "give a number from 1 to \(largestCountPerClass)")
    }
    let total = count * classes.count
    let pixels = [UInt8](unsafeUninitializedCapacity: total * Canvas.pixelCount) { buffer, filled in
      buffer.initialize(repeating: 0)
      filled = buffer.count
      // Each block writes its own images, so that the threads never meet.
      nonisolated(unsafe) let pictures = buffer
      let blockSize = 64
      DispatchQueue.concurrentPerform(iterations: (total + blockSize - 1) / blockSize) { block in
        var writer = DigitWriter()
        for position in block * blockSize..<min(total, (block + 1) * blockSize) {
          let digit = classes[position % classes.count]
          let index = UInt64(position / classes.count)
          var generator = SeededGenerator(
            seed: seed, stream: half << 63 | UInt64(digit) << 56 | index)
          let start = position * Canvas.pixelCount
          writer.write(
            digit, into: .init(rebasing: pictures[start..<start + Canvas.pixelCount]),
            using: &generator)
        }
      }
    }
    return try Dataset(
      imageShape: [1, Canvas.side, Canvas.side], pixels: pixels,
      labels: (0..<total).map { $0 % classes.count }, classNames: classes.map(String.init),
      preprocessing: .mnist)
  }
}
