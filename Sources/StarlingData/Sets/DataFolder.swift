public import Foundation
public import Starling

/// A folder of the user's own data: four IDX files, or one folder of pictures a class.
public enum DataFolder {
  /// Reads a folder, as an ``IDXFolder`` if it has any of the four IDX files, else as an
  /// ``ImageFolder``.
  ///
  /// - Parameters:
  ///   - directory: The folder.
  ///   - classes: The classes to keep, in the order in which they are to be numbered; `nil` keeps all.
  ///   - limitPerClass: The most training images of each class to take, the first ones; `nil` takes
  ///     all. Test images are never limited.
  /// - Returns: The training and test images.
  /// - Throws: `FileError` or `DatasetError`, naming the file.
  public static func load(
    directory: URL, classes: [Int]? = nil, limitPerClass: Int? = nil
  ) throws -> DatasetSplit {
    if IDXFolder.isPresent(in: directory) {
      return try IDXFolder.load(
        directory: directory, classes: classes, limitPerClass: limitPerClass)
    }
    return try ImageFolder.load(
      directory: directory, classes: classes, limitPerClass: limitPerClass)
  }
}
