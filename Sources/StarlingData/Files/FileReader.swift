import Foundation
import Starling

/// A file that is read from beginning to end, piece by piece.
final class FileReader {
  /// The name for messages.
  let name: String
  /// The number of bytes that the file had when it was opened.
  let size: Int
  /// The number of bytes before the next that is read.
  private(set) var offset = 0
  private let descriptor: CInt

  /// Opens a file.
  init(_ file: URL) throws(FileError) {
    name = file.shownPath
    // Without O_NONBLOCK, opening a pipe would wait for its writer.
    descriptor = file.path.utf8.contains(0) ? -1 : open(file.path, Self.flags)
    guard descriptor >= 0 else {
      let code = file.path.utf8.contains(0) ? ENOENT : errno
      throw FileError(
        file: name, expected: "a file that can be read", found: systemReason(code),
        remedy: code == ENOENT ? "check the path" : "check the file and its permissions")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      // A folder cannot be read, and a pipe may never end.
      throw FileError(
        file: name, expected: "a file", found: "something else, such as a folder",
        remedy: "give the path of a file")
    }
    size = Int(status.st_size)
  }

  private static let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK

  deinit {
    close(descriptor)
  }

  /// Fills a buffer with the next bytes.
  ///
  /// - Returns: How many they are: as many as there is room for, unless the file ends sooner.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    let count = try read(at: offset, into: buffer)
    offset += count
    return count
  }

  /// The next bytes, `count` of them unless the file ends sooner.
  func read(_ count: Int) throws(FileError) -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(count, max(0, size - offset)), alignment: 1)
    defer { buffer.deallocate() }
    return Array(buffer.prefix(try read(into: buffer)))
  }

  /// Fills a buffer with the file's last bytes, as many as there is room for; the next byte to be
  /// read stays the same.
  ///
  /// - Returns: Whether there are so many.
  func readEnd(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Bool {
    guard size >= buffer.count else { return false }
    return try read(at: size - buffer.count, into: buffer) == buffer.count
  }

  /// Goes to a byte.
  func seek(to offset: Int) {
    self.offset = offset
  }

  private func read(
    at start: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(FileError) -> Int {
    var count = 0
    while count < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
      let read = pread(descriptor, rest.baseAddress, rest.count, off_t(start + count))
      if read > 0 {
        count += read
      } else if read == 0 {
        break
      } else if errno != EINTR {
        throw FileError(
          file: name, offset: start + count, expected: "more bytes", found: systemReason(errno),
          remedy: "check the disk that the file is on")
      }
    }
    return count
  }
}
