import Foundation
package import Starling

/// Four IDX files whose labels and sizes have been read, and whose images come when they are chosen:
/// those that nobody wants are never held.
package struct IDXContents: Sendable {
  /// The shape of each image: one channel, height, width.
  package let imageShape: Shape
  /// The labels' numbers, from 0 to the largest in either half.
  package let classNames: [String]
  private let train: Half
  private let test: Half

  init(_ files: IDXFolder) throws(FileError) {
    train = try Half(images: files.trainImages, labels: files.trainLabels)
    test = try Half(images: files.testImages, labels: files.testLabels)
    guard train.imageLengths == test.imageLengths else {
      throw FileError(
        file: files.testImages.shownPath, offset: 8,
        expected: "images of \(Shape(train.imageLengths)), as in \(files.trainImages.shownPath)",
        found: "\(Shape(test.imageLengths))", remedy: "put files of one data set into the folder")
    }
    imageShape = Shape([1] + train.imageLengths)
    let largest = max(train.labels.max() ?? 0, test.labels.max() ?? 0)
    classNames = (0...largest).map(String.init)
  }

  /// Reads the images of some classes; see ``IDXFolder/load(directory:classes:limitPerClass:)``.
  package func load(classes: [Int]?, limitPerClass: Int?) throws -> DatasetSplit {
    try DatasetSplit.check(limitPerClass: limitPerClass)
    func dataset(_ half: Half, limitPerClass: Int?) throws -> Dataset {
      let choice = try ClassChoice(
        from: half.labels, named: classNames, classes: classes ?? Array(classNames.indices),
        limitPerClass: limitPerClass)
      return try Dataset(
        imageShape: imageShape, pixels: half.pixels(of: choice.positions),
        labels: choice.labels, classNames: choice.classNames,
        preprocessing: imageShape == [1, 28, 28] ? .mnist : .bytes)
    }
    let split = try DatasetSplit(
      train: dataset(train, limitPerClass: limitPerClass),
      test: dataset(test, limitPerClass: nil))
    try split.check(namesClasses: classes != nil)
    return split
  }
}

/// Images and their labels, from two files that must agree.
private struct Half {
  let imageFile: URL
  let imageLengths: [Int]
  let labels: [Int]

  init(images imageFile: URL, labels labelFile: URL) throws(FileError) {
    let labels = try IDX(contentsOf: labelFile, axes: 1)
    let lengths = try IDXReader(imageFile, axes: 3).lengths
    guard labels.lengths[0] == lengths[0] else {
      throw FileError(
        file: labelFile.shownPath, offset: 4,
        expected: "\(lengths[0]) labels for the images in \(imageFile.shownPath)",
        found: "\(labels.lengths[0])", remedy: "give the two files of one data set")
    }
    self.imageFile = imageFile
    imageLengths = Array(lengths.dropFirst())
    self.labels = labels.bytes.map { Int($0) }
  }

  /// The bytes of the images at some positions, which ascend.
  func pixels(of positions: [Int]) throws(FileError) -> [UInt8] {
    try IDXReader(imageFile, axes: 3).read(positions.ranges)
  }
}

extension [Int] {
  /// Ascending numbers as ranges: 1, 2, 3, 7, 8 as 1..<4 and 7..<9.
  fileprivate var ranges: [Range<Int>] {
    var ranges: [Range<Int>] = []
    for number in self {
      if let last = ranges.last, last.upperBound == number {
        ranges[ranges.count - 1] = last.lowerBound..<number + 1
      } else {
        ranges.append(number..<number + 1)
      }
    }
    return ranges
  }
}
