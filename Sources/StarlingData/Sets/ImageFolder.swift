public import Foundation
public import Starling

/// A folder of pictures, one folder a class: `DIR/cat/….png`, `DIR/dog/….png`.
///
/// - The classes are the folders, in the order of their names.
/// - Where there are `DIR/train` and `DIR/test`, each holds such folders and is a half. Otherwise a
///   fifth of each class, drawn with a fixed seed from its files in the order of their names, is kept
///   for testing: the same files give the same halves on every machine.
/// - Hidden files are passed over, and so are files beside the class folders. Within a class folder
///   whatever is no PNG is an error, because a picture left out in silence is worse.
/// - Every picture is brought to one shape, as `Picture.prepared(for:by:)` does it: by default 28×28
///   in grey, the whole picture stretched to it. Drawings such as digits are better read with the
///   preprocessing `.mnist`.
public enum ImageFolder {
  /// A picture's file and the number of its class.
  private typealias LabelledFile = (file: URL, label: Int)

  /// Reads a folder of pictures.
  ///
  /// - Parameters:
  ///   - directory: The folder.
  ///   - imageShape: The shape to bring the pictures to, `[1, height, width]` or
  ///     `[3, height, width]`.
  ///   - preprocessing: How to bring them there.
  ///   - classes: The classes to keep, by their positions in the order of their names, in the order
  ///     in which they are to be numbered; `nil` keeps all.
  ///   - limitPerClass: The most training images of each class to take, the first ones; `nil` takes
  ///     all. Test images are never limited.
  /// - Returns: The training and test images, with the folders' names as class names.
  /// - Throws: `FileError`, ``BlankPictureError`` or `DatasetError`, naming the file.
  public static func load(
    directory: URL, imageShape: Shape = [1, 28, 28], preprocessing: Preprocessing = .bytes,
    classes: [Int]? = nil, limitPerClass: Int? = nil
  ) throws -> DatasetSplit {
    let trainFolder = directory.appendingPathComponent("train")
    let testFolder = directory.appendingPathComponent("test")
    let names: [String]
    let (train, test): ([LabelledFile], [LabelledFile])
    if isFolder(trainFolder), isFolder(testFolder) {
      names = try classNames(in: trainFolder)
      train = try labelledFiles(in: trainFolder, names: names)
      try checkClasses(of: testFolder, against: names, of: trainFolder)
      test = try labelledFiles(in: testFolder, names: names)
    } else {
      names = try classNames(in: directory)
      (train, test) = try divided(try labelledFiles(in: directory, names: names), names: names)
    }
    func dataset(_ files: [LabelledFile]) throws -> Dataset {
      let pixels = try files.flatMap {
        try Picture(contentsOf: $0.file).preparedBytes(for: imageShape, by: preprocessing)
      }
      return try Dataset(
        imageShape: imageShape, pixels: pixels, labels: files.map(\.label), classNames: names,
        preprocessing: preprocessing)
    }
    return try DatasetSplit(train: dataset(train), test: dataset(test))
      .choosing(classes: classes, limitPerClass: limitPerClass)
  }

  /// Divides each class's files: a fifth, but at least one, for testing.
  private static func divided(
    _ files: [LabelledFile], names: [String]
  ) throws -> (train: [LabelledFile], test: [LabelledFile]) {
    var (train, test): ([LabelledFile], [LabelledFile]) = ([], [])
    for label in names.indices {
      let ofClass = files.filter { $0.label == label }
      guard ofClass.count > 1 else {
        throw FileError(
          file: ofClass[0].file.deletingLastPathComponent().shownPath,
          expected: "two pictures or more, to learn from and to test with", found: "1",
          remedy: "add pictures, or make folders train and test with the classes in each")
      }
      var random = SeededGenerator(seed: 0, stream: UInt64(label))
      let order = random.permutation(ofClass.count)
      let testing = Set(order.prefix(max(1, ofClass.count / 5)))
      for (index, file) in ofClass.enumerated() {
        if testing.contains(index) { test.append(file) } else { train.append(file) }
      }
    }
    return (train, test)
  }

  /// The pictures of each class, class by class, in the order of their names.
  private static func labelledFiles(in folder: URL, names: [String]) throws -> [LabelledFile] {
    try names.enumerated().flatMap { label, name in
      try pictures(in: folder.appendingPathComponent(name)).map { (file: $0, label: label) }
    }
  }

  private static func pictures(in folder: URL) throws -> [URL] {
    let files = try contents(of: folder)
    for file in files where file.pathExtension.lowercased() != "png" {
      throw FileError(
        file: file.shownPath, expected: "a PNG picture",
        found: isFolder(file) ? "a folder" : "a file of another kind",
        remedy: "convert it to PNG, or move it elsewhere")
    }
    guard !files.isEmpty else {
      throw FileError(
        file: folder.shownPath, expected: "PNG pictures of this class", found: "none",
        remedy: "add pictures, or remove the folder")
    }
    return files
  }

  private static func classNames(in folder: URL) throws -> [String] {
    let names = try contents(of: folder).filter(isFolder).map(\.lastPathComponent)
    guard !names.isEmpty else {
      throw FileError(
        file: folder.shownPath, expected: "one folder of PNG pictures for each class",
        found: "no folder", remedy: "sort the pictures into folders named after their classes")
    }
    return names
  }

  /// Tests must be of the classes that are learned, all of them.
  private static func checkClasses(
    of testFolder: URL, against names: [String], of trainFolder: URL
  ) throws {
    let testNames = try classNames(in: testFolder)
    guard testNames == names else {
      throw FileError(
        file: testFolder.shownPath,
        expected: "the classes of \(trainFolder.shownPath): \(names.joined(separator: ", "))",
        found: testNames.joined(separator: ", "), remedy: "make the same folders in both")
    }
  }

  /// What a folder holds that is not hidden, in the order of the names' characters.
  private static func contents(of folder: URL) throws -> [URL] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder.path)
        .filter { !$0.hasPrefix(".") }.sorted().map { folder.appendingPathComponent($0) }
    } catch {
      throw FileError(
        file: folder.shownPath, expected: "a folder that can be read", found: error.fileReason,
        remedy: "check the path and its permissions")
    }
  }

  private static func isFolder(_ url: URL) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory)
      && isDirectory.boolValue
  }
}
