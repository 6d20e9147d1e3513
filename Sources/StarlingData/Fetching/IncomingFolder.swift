import Foundation
import Starling

/// A folder into which files come whole: each is written under a name of its own, brought to the
/// disk, and only then given its real name, in one step.
///
/// Two processes that fetch the same file write to two parts, and the later rename replaces the
/// earlier file by an equal one.
struct IncomingFolder {
  private let folder: URL
  private static let partSuffix = ".part"
  /// A part that nobody has written to for this long, many times the longest pause that a download
  /// survives, was left by a process that died.
  private static let partLifetime: TimeInterval = 600

  /// Makes the folder if need be, and clears it of what killed downloads left.
  init(_ folder: URL) throws(FileError) {
    self.folder = folder
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw Self.problem(folder, error)
    }
    let contents = try? FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: [.contentModificationDateKey])
    for file in contents ?? [] where file.lastPathComponent.hasSuffix(Self.partSuffix) {
      let values = try? file.resourceValues(forKeys: [.contentModificationDateKey])
      if let written = values?.contentModificationDate,
        -written.timeIntervalSinceNow > Self.partLifetime
      {
        try? FileManager.default.removeItem(at: file)
      }
    }
  }

  func contains(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
  }

  /// An empty file that is to become the file of the given name.
  func makePart(for name: String) throws(FileError) -> Part {
    let temporary = folder.appendingPathComponent("\(name).\(UUID().uuidString)\(Self.partSuffix)")
    do {
      try Data().write(to: temporary, options: .withoutOverwriting)
      return Part(
        temporary: temporary, final: folder.appendingPathComponent(name),
        handle: try FileHandle(forWritingTo: temporary))
    } catch {
      throw Self.problem(folder, error)
    }
  }

  fileprivate static func problem(_ file: URL, _ error: any Error) -> FileError {
    FileError(
      file: file.shownPath, expected: "to store a download", found: error.fileReason,
      remedy: "make the folder writable and give it room")
  }

  /// A file on its way in.
  struct Part {
    fileprivate let temporary: URL
    fileprivate let final: URL
    fileprivate let handle: FileHandle

    /// Adds bytes at its end.
    func write(_ bytes: Data) throws(FileError) {
      do {
        try handle.write(contentsOf: bytes)
      } catch {
        throw problem(final, error)
      }
    }

    /// Gives it its real name, once its bytes are on the disk.
    func commit() throws(FileError) {
      do {
        try handle.synchronize()
      } catch {
        throw problem(final, error)
      }
      guard rename(temporary.path, final.path) == 0 else {
        throw problem(final, POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO))
      }
    }

    /// Closes it, and removes it unless it was committed.
    func discard() {
      try? handle.close()
      try? FileManager.default.removeItem(at: temporary)
    }
  }
}
