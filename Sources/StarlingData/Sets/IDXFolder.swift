public import Foundation
public import Starling

/// A folder of the four IDX files that MNIST comes in, each plain or gzipped.
///
/// Fashion-MNIST, KMNIST and others come in files of the same names.
public struct IDXFolder: Hashable, Sendable {
  /// The folder.
  public let directory: URL
  /// The training images: count, height, width.
  public let trainImages: URL
  /// The training images' labels.
  public let trainLabels: URL
  /// The test images: count, height, width.
  public let testImages: URL
  /// The test images' labels.
  public let testLabels: URL

  /// What the four files are called, without the `.gz` that they may have.
  public static let fileNames = [
    "train-images-idx3-ubyte", "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
  ]

  /// Finds the four files in a folder.
  ///
  /// - Throws: `FileError` naming those that are missing.
  public init(_ directory: URL) throws(FileError) {
    let files = Self.fileNames.map { Self.find($0, in: directory) }
    let missing = zip(Self.fileNames, files).filter { $0.1 == nil }.map(\.0)
    guard missing.isEmpty else {
      throw FileError(
        file: directory.shownPath,
        expected: "a folder of \(Self.fileNames.joined(separator: ", ")), each plain or .gz",
        found: missing.count == Self.fileNames.count
          ? "none of them" : "no \(missing.joined(separator: ", "))",
        remedy: "put the files there, or give the folder that has them")
    }
    let found = files.compactMap { $0 }
    self.directory = directory
    trainImages = found[0]
    trainLabels = found[1]
    testImages = found[2]
    testLabels = found[3]
  }

  /// Whether a folder has any of the four files.
  public static func isPresent(in directory: URL) -> Bool {
    fileNames.contains { find($0, in: directory) != nil }
  }

  /// Reads the four files of a folder.
  ///
  /// Pictures that a network trained on these meets later are brought to what MNIST's look like
  /// where the images are 28×28, and are stretched to the images' size otherwise.
  ///
  /// - Parameters:
  ///   - directory: The folder.
  ///   - classes: The labels to keep, in the order in which they are to be numbered; `nil` keeps all.
  ///   - limitPerClass: The most training images of each class to take, the first ones; `nil` takes
  ///     all. Test images are never limited.
  /// - Returns: The training and test images, with their labels' numbers as class names.
  /// - Throws: `FileError` or `DatasetError` when a file is missing or damaged, the files
  ///   disagree, or there is no such class.
  public static func load(
    directory: URL, classes: [Int]? = nil, limitPerClass: Int? = nil
  ) throws -> DatasetSplit {
    try IDXFolder(directory).open().load(classes: classes, limitPerClass: limitPerClass)
  }

  /// Reads the labels and the sizes of the images, but no image yet.
  package func open() throws(FileError) -> IDXContents { try IDXContents(self) }

  private static func find(_ name: String, in directory: URL) -> URL? {
    [name + ".gz", name].map { directory.appendingPathComponent($0) }
      .first { FileManager.default.fileExists(atPath: $0.path) }
  }
}
