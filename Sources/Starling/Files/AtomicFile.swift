public import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Files that are written whole or not at all.
///
/// The bytes go into a new file beside the target, `.NAME.XXXXXXXXXXXXXXXX.partial`, which takes the
/// target's name once it is complete and on disk. Whenever the process is killed, the target is the
/// old file or the new one.
public enum AtomicFile {
  /// Writes a file, in place of the one that is there.
  ///
  /// A new file in place of another keeps that one's permissions; a symbolic link stays one, and what
  /// it points to is replaced. What killed processes left beside the target is removed.
  ///
  /// - Parameters:
  ///   - bytes: All of the file.
  ///   - path: The file's path, in a folder that exists.
  /// - Throws: ``FileError`` when the file cannot be written; the old one is then untouched.
  public static func write(
    _ bytes: some ContiguousBytes, to path: String
  ) throws(FileError) {
    let target = try Target(path)
    target.removeLeftovers()
    let partial = try PartialFile(for: target)
    do throws(FileError) {
      try partial.fill(with: bytes)
      try partial.takeName()
    } catch {
      partial.remove()
      throw error
    }
    target.syncFolder()
  }

  /// All bytes of a file.
  static func contents(of path: String) throws(FileError) -> [UInt8] {
    func failure(_ code: CInt) -> FileError {
      FileError(
        file: path, problem: "cannot be read: \(String(cString: strerror(code)))",
        remedy: code == ENOENT ? "check the path" : "check the file and its permissions")
    }
    guard !path.utf8.contains(0) else { throw failure(ENOENT) }
    // Without O_NONBLOCK, opening a pipe would wait for its writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FileError(
        file: path, problem: "expected a file, found a folder or a device",
        remedy: "give the path of a file")
    }
    let size = Int(status.st_size)
    let memory = ProcessInfo.processInfo.physicalMemory
    guard size <= memory else {
      throw FileError(
        file: path,
        problem: "expected at most the \(memory) bytes of this machine's memory, found \(size)",
        remedy: "check that it is the file you mean")
    }
    var problem: CInt = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let read = read(descriptor, buffer.baseAddress.map { $0 + count }, size - count)
        if read > 0 {
          count += read
        } else if read == 0 {
          return
        } else if errno != EINTR {
          problem = errno
          return
        }
      }
    }
    guard problem == 0 else { throw failure(problem) }
    return bytes
  }
}

/// A path to be written: the folder and the name in it.
private struct Target {
  /// The path as it was given, for messages.
  let path: String
  /// The path behind a symbolic link.
  let resolved: String
  /// The path of the folder, with its last slash.
  let folder: String
  let name: String
  /// The permissions of the file that is there.
  let permissions: mode_t?

  init(_ path: String) throws(FileError) {
    self.path = path
    var resolved = path
    if let real = realpath(path, nil) {
      resolved = String(cString: real)
      free(real)
    }
    self.resolved = resolved
    let slash = resolved.utf8.lastIndex(of: UInt8(ascii: "/"))
    folder = slash.map { String(resolved[...$0]) } ?? "./"
    name = slash.map { String(resolved[resolved.utf8.index(after: $0)...]) } ?? resolved
    guard !name.isEmpty, !path.utf8.contains(0) else {
      throw FileError(
        file: path, problem: "expected the path of a file, found none", remedy: "name a file")
    }
    var status = stat()
    guard stat(resolved, &status) == 0 else {
      permissions = nil
      return
    }
    permissions = status.st_mode & 0o777
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FileError(
        file: path, problem: "expected a file or nothing, found a folder or a device",
        remedy: "choose another name")
    }
    guard access(resolved, W_OK) == 0 else { throw failure(errno) }
  }

  /// The start of the names of all partial files of this target.
  var partialPrefix: String {
    // A name may have 255 bytes, and a partial file's name is longer than its target's.
    var start = name[...]
    while start.utf8.count > 200 { start.removeLast() }
    return ".\(start)."
  }

  static let partialSuffix = ".partial"

  /// Removes partial files that no living process holds.
  func removeLeftovers() {
    let prefix = partialPrefix
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      guard name.hasPrefix(prefix), name.hasSuffix(Self.partialSuffix) else { continue }
      let tag = name.dropFirst(prefix.count).dropLast(Self.partialSuffix.count)
      guard tag.utf8.count == 16, tag.allSatisfy(\.isHexDigit) else { continue }
      let leftover = "\(folder)\(name)"
      let descriptor = open(leftover, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
      guard descriptor >= 0 else { continue }
      // Whoever writes a partial file holds its lock, and the system lets go of a dead process's.
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(leftover) }
      close(descriptor)
    }
  }

  /// Asks that the folder's new entry be on disk; some file systems cannot, and the file is there.
  func syncFolder() {
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  func failure(_ code: CInt) -> FileError {
    let remedy =
      switch code {
      case ENOSPC, EDQUOT: "free some disk space, or choose another folder"
      case EFBIG: "raise the limit on file sizes, or choose another folder"
      case EACCES, EPERM, EROFS: "choose a folder that you may write to, or change its permissions"
      case ENOENT, ENOTDIR: "make the folder first, or choose another"
      case ENAMETOOLONG: "choose a shorter name"
      default: "check the folder and its disk"
      }
    return FileError(
      file: path, problem: "cannot be written: \(String(cString: strerror(code)))", remedy: remedy)
  }
}

/// A new file under a name of its own, locked for as long as this object lives.
private final class PartialFile {
  private let path: String
  private let target: Target
  private let descriptor: CInt

  init(for target: Target) throws(FileError) {
    self.target = target
    while true {
      let tag = String(UInt64.random(in: 0...UInt64.max), radix: 16)
      let zeros = String(repeating: "0", count: 16 - tag.count)
      let path = "\(target.folder)\(target.partialPrefix)\(zeros)\(tag)\(Target.partialSuffix)"
      let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor < 0 {
        guard errno == EEXIST || errno == EINTR else { throw target.failure(errno) }
        continue
      }
      // Another process that looks for leftovers may find the file before it is locked.
      while flock(descriptor, LOCK_EX) != 0 && errno == EINTR {}
      var status = stat()
      if fstat(descriptor, &status) == 0, status.st_nlink > 0 {
        self.path = path
        self.descriptor = descriptor
        return
      }
      close(descriptor)
    }
  }

  deinit { close(descriptor) }

  /// Writes all bytes, and waits until they are on disk.
  func fill(with bytes: some ContiguousBytes) throws(FileError) {
    let code = bytes.withUnsafeBytes { raw -> CInt in
      var rest = raw[...]
      while !rest.isEmpty {
        let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress
        let written = write(descriptor, start, rest.count)
        if written >= 0 {
          rest = rest.dropFirst(written)
        } else if errno != EINTR {
          return errno
        }
      }
      if let permissions = target.permissions { fchmod(descriptor, permissions) }
      return fsync(descriptor) == 0 ? 0 : errno
    }
    guard code == 0 else { throw target.failure(code) }
  }

  /// Becomes the target.
  func takeName() throws(FileError) {
    guard rename(path, target.resolved) == 0 else { throw target.failure(errno) }
  }

  func remove() {
    unlink(path)
  }
}
