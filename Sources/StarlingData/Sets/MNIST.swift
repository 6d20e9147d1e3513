public import Foundation
public import Starling

/// MNIST, 60,000 handwritten digits to learn from and 10,000 to test with, each of 28×28 pixels.
///
/// It was made by Yann LeCun, Corinna Cortes and Christopher J. C. Burges.
///
///     let digits = try await MNIST.load(classes: [0, 1], limitPerClass: 100)
public enum MNIST {
  /// The public mirrors of the original files, in the order in which they are asked.
  public static let mirrors = [
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
  ].compactMap { URL(string: $0) }

  /// The original files.
  private static let originals = [
    RemoteFile(
      name: "train-images-idx3-ubyte.gz", size: 9_912_422, md5: "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
    RemoteFile(
      name: "train-labels-idx1-ubyte.gz", size: 28_881, md5: "d53e105ee54ea40749a09fcbcd1e9432"),
    RemoteFile(
      name: "t10k-images-idx3-ubyte.gz", size: 1_648_877, md5: "9fb629c4189551a2d022fa330f9573f3"),
    RemoteFile(
      name: "t10k-labels-idx1-ubyte.gz", size: 4_542, md5: "ec29112dd5afa0611ce80d1b7f02629c"),
  ]

  /// MNIST from where it lies, or from a mirror when it is not in the cache.
  ///
  /// - Parameters:
  ///   - classes: The digits to keep, in the order in which they are to be numbered.
  ///   - limitPerClass: The most training images of each digit to take, the first ones; `nil` takes
  ///     all. Test images are never limited.
  ///   - location: Where data sets lie.
  ///   - progress: What to call as bytes come, if they must be fetched; on any thread.
  /// - Returns: The training and test images.
  /// - Throws: `FileError`, ``DownloadError`` or `DatasetError`.
  public static func load(
    classes: [Int] = Array(0...9), limitPerClass: Int? = nil,
    from location: DataLocation = DataLocation(),
    progress: @escaping @Sendable (DownloadProgress) -> Void = { _ in }
  ) async throws -> DatasetSplit {
    if let found = try locate(in: location) {
      return try load(found, classes: classes, limitPerClass: limitPerClass)
    }
    let fetched = try await fetch(into: location, progress: progress)
    return try load(fetched, classes: classes, limitPerClass: limitPerClass)
  }

  /// MNIST from files that were found or fetched.
  ///
  /// - Parameters:
  ///   - files: The four files.
  ///   - classes: The digits to keep, in the order in which they are to be numbered.
  ///   - limitPerClass: The most training images of each digit to take, the first ones; `nil` takes
  ///     all. Test images are never limited.
  /// - Returns: The training and test images.
  /// - Throws: `FileError` or `DatasetError`.
  public static func load(
    _ files: IDXFolder, classes: [Int] = Array(0...9), limitPerClass: Int? = nil
  ) throws -> DatasetSplit {
    let contents = try files.open()
    guard contents.imageShape == [1, 28, 28], contents.classNames.count == 10 else {
      throw FileError(
        file: files.directory.shownPath, expected: "images of 28×28 and the labels 0 to 9",
        found:
          "images of \(Shape(Array(contents.imageShape.dimensions.dropFirst()))) and the labels "
          + "0 to \(contents.classNames.count - 1)",
        remedy: "put MNIST's files there, or read another data set by its folder")
    }
    return try contents.load(classes: classes, limitPerClass: limitPerClass)
  }

  /// MNIST's files where they lie; nothing is downloaded.
  ///
  /// - Returns: The four files, or `nil` when the cache lacks any of them.
  /// - Throws: `FileError` when a folder that the user chose lacks them: going on without would
  ///   not be what was asked for.
  public static func locate(in location: DataLocation = DataLocation()) throws -> IDXFolder? {
    do throws(FileError) {
      return try IDXFolder(location.folder(of: "mnist"))
    } catch {
      let chosen: String
      switch location.origin {
      case .cache: return nil
      case .argument: chosen = "the data folder"
      case .environment: chosen = "STARLING_DATA"
      }
      throw FileError(
        file: error.file, problem: error.problem,
        remedy: "\(chosen) is the folder above mnist/: put the files there, or name another")
    }
  }

  /// Downloads MNIST into the cache, verified, those files that it lacks.
  ///
  /// - Parameters:
  ///   - location: Where data sets lie.
  ///   - mirrors: The addresses that hold the four gzipped files, asked in this order.
  ///   - progress: What to call as bytes come; on any thread.
  /// - Returns: The four files.
  /// - Throws: ``DownloadError`` when no mirror gives a file, which takes at most some 12 seconds to
  ///   know on a machine without a network; `FileError` when the folder does not take it.
  public static func fetch(
    into location: DataLocation = DataLocation(), from mirrors: [URL] = MNIST.mirrors,
    progress: @escaping @Sendable (DownloadProgress) -> Void = { _ in }
  ) async throws -> IDXFolder {
    let folder = location.folder(of: "mnist")
    try await Downloader(mirrors: mirrors, progress: progress).fetch(originals, into: folder)
    return try IDXFolder(folder)
  }
}
