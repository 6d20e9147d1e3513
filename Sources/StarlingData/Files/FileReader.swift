import Foundation
import Starling

/// A file that is read from beginning to end, piece by piece.
final class FileReader {
  /// The name for messages.
  let name: String
  /// The number of bytes that the file had when it was opened.
  let size: Int
  /// The number of bytes read so far.
  private(set) var offset = 0
  private let handle: FileHandle

  /// Opens a file.
  init(_ file: URL) throws(FileError) {
    name = file.shownPath
    // A folder cannot be read, and a pipe may never end.
    let attributes: [FileAttributeKey: Any]
    do {
      attributes = try FileManager.default.attributesOfItem(
        atPath: file.resolvingSymlinksInPath().path)
    } catch {
      throw FileError(
        file: name, expected: "a file", found: error.fileReason, remedy: "check the path")
    }
    guard attributes[.type] as? FileAttributeType == .typeRegular else {
      throw FileError(
        file: name, expected: "a file", found: "something else, such as a folder",
        remedy: "give the path of a file")
    }
    size = (attributes[.size] as? NSNumber)?.intValue ?? 0
    do {
      handle = try FileHandle(forReadingFrom: file)
    } catch {
      throw FileError(
        file: name, expected: "a file that can be read", found: error.fileReason,
        remedy: "check its permissions")
    }
  }

  deinit {
    try? handle.close()
  }

  /// The next bytes, `count` of them unless the file ends sooner.
  func read(_ count: Int) throws(FileError) -> [UInt8] {
    do {
      let bytes = [UInt8](try handle.read(upToCount: count) ?? Data())
      offset += bytes.count
      return bytes
    } catch {
      throw FileError(
        file: name, offset: offset, expected: "more bytes", found: error.fileReason,
        remedy: "check the disk that the file is on")
    }
  }

  /// Goes back to the first byte.
  func rewind() throws(FileError) {
    do {
      try handle.seek(toOffset: 0)
      offset = 0
    } catch {
      throw FileError(
        file: name, expected: "a file that can be read twice", found: error.fileReason,
        remedy: "copy it to an ordinary disk")
    }
  }
}
