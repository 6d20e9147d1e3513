/// One labelled image of a ``Dataset``.
public struct Sample: Sendable {
  /// The image, `[depth, height, width]`.
  public let image: Tensor
  /// The index of its class in the data set's `classNames`.
  public let label: Int
}

/// Labelled images of one shape.
///
/// They are held as bytes, a quarter of what `Float` would take, and become numbers when a batch is
/// made.
public struct Dataset: Sendable {
  /// The shape of each image: `[depth, height, width]`.
  public let imageShape: Shape
  /// What the classes are called; a label is an index into these.
  public let classNames: [String]
  /// How a picture becomes one of these images.
  public let preprocessing: Preprocessing
  /// All pixels, image after image.
  public let pixels: [UInt8]
  /// The class of each image.
  public let labels: [Int]

  /// A data set of the given images.
  ///
  /// - Parameters:
  ///   - imageShape: The shape of each image: `[depth, height, width]`.
  ///   - pixels: All images' bytes, one image after another.
  ///   - labels: For each image the index of its class.
  ///   - classNames: What the classes are called.
  ///   - preprocessing: How a picture becomes one of these images.
  /// - Throws: ``DatasetError`` when the counts disagree or a label has no class.
  public init(
    imageShape: Shape, pixels: [UInt8], labels: [Int], classNames: [String],
    preprocessing: Preprocessing = .bytes
  ) throws(DatasetError) {
    guard imageShape.isUsable else {
      throw DatasetError("images of shape \(imageShape) hold nothing; give each axis a length")
    }
    guard pixels.count == labels.count * imageShape.count else {
      throw DatasetError(
        "\(labels.count) labels need \(labels.count * imageShape.count) pixels of images "
          + "\(imageShape), got \(pixels.count); give one label for each image")
    }
    if let index = labels.firstIndex(where: { !classNames.indices.contains($0) }) {
      throw DatasetError(
        "image \(index) has the label \(labels[index]), but there are \(classNames.count) classes; "
          + "labels count from 0")
    }
    self.imageShape = imageShape
    self.classNames = classNames
    self.preprocessing = preprocessing
    self.pixels = pixels
    self.labels = labels
  }

  /// The number of images.
  public var count: Int { labels.count }

  /// Whether there is no image.
  public var isEmpty: Bool { labels.isEmpty }

  /// The image at a position, with its label.
  public subscript(position: Int) -> Sample {
    let image = images([position])
    return Sample(
      image: Tensor(unchecked: imageShape, image.elements), label: labels[position])
  }

  /// The class of the image at a position.
  package func label(at position: Int) -> Int { labels[position] }

  /// The images at the given positions as a tensor `[batch, depth, height, width]`.
  public func images(_ positions: some Collection<Int>) -> Tensor {
    Tensor(uninitialized: imageShape.batched(positions.count)) { output in
      write(images: positions, to: output)
    }
  }

  /// Writes the images at the given positions one after another, without taking memory.
  ///
  /// - Parameters:
  ///   - positions: Which images.
  ///   - output: Where there is room for all of them.
  package func write(
    images positions: some Collection<Int>, to output: UnsafeMutablePointer<Float>
  ) {
    let size = imageShape.count
    let scale = preprocessing.scale
    pixels.withUnsafeBufferPointer { pixels in
      guard let pixels = pixels.baseAddress else { return }
      var output = output
      for position in positions {
        precondition(labels.indices.contains(position), "there is no image \(position)")
        let image = pixels + position * size
        for pixel in 0..<size { output[pixel] = Float(image[pixel]) * scale }
        output += size
      }
    }
  }

  /// The labels at the given positions, one-hot: a tensor `[batch, classes]` with a 1 for the class.
  public func targets(_ positions: some Collection<Int>) -> Tensor {
    var targets = Tensor(zeros: [positions.count, classNames.count])
    for (row, position) in positions.enumerated() {
      targets.elements[row * classNames.count + labels[position]] = 1
    }
    return targets
  }

  /// The images at the given positions, in that order, as a data set of their own.
  public func selecting(_ positions: [Int]) -> Dataset {
    var chosen: [UInt8] = []
    chosen.reserveCapacity(positions.count * imageShape.count)
    for position in positions {
      chosen += pixels[position * imageShape.count..<(position + 1) * imageShape.count]
    }
    return Dataset(
      unchecked: self, pixels: chosen, labels: positions.map { labels[$0] },
      classNames: classNames)
  }

  /// The images of some classes, in their order here; a label becomes an index into `classes`.
  ///
  /// - Parameters:
  ///   - classes: Indices of classes to keep, in the order in which they are to be numbered.
  ///   - limitPerClass: The most images of each class to take, the first ones; `nil` takes all.
  /// - Returns: The chosen images as a data set of their own.
  /// - Throws: ``DatasetError`` when a class does not exist, or is named twice.
  public func choosing(
    classes: [Int], limitPerClass: Int? = nil
  ) throws(DatasetError) -> Dataset {
    let choice = try ClassChoice(
      from: labels, named: classNames, classes: classes, limitPerClass: limitPerClass)
    return Dataset(
      unchecked: self, pixels: selecting(choice.positions).pixels, labels: choice.labels,
      classNames: choice.classNames)
  }

  /// A data set whose maker vouches for the counts.
  private init(unchecked other: Dataset, pixels: [UInt8], labels: [Int], classNames: [String]) {
    imageShape = other.imageShape
    preprocessing = other.preprocessing
    self.classNames = classNames
    self.pixels = pixels
    self.labels = labels
  }
}

/// Images to learn from, and others to measure the learning on.
public struct DatasetSplit: Sendable {
  /// The images that the network is trained on.
  public var train: Dataset
  /// The images that it never sees in training.
  public var test: Dataset

  /// A split of the given halves.
  public init(train: Dataset, test: Dataset) {
    self.train = train
    self.test = test
  }
}

/// Images and labels that do not make a data set.
public struct DatasetError: StarlingError, Hashable {
  /// What is wrong, and what to do.
  public let description: String

  /// An error with the given message.
  public init(_ description: String) {
    self.description = description
  }
}
