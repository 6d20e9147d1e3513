public import Foundation
public import Starling

/// How far the download of a file has come.
public struct DownloadProgress: Hashable, Sendable {
  /// The file's name.
  public let file: String
  /// The number of bytes received from the mirror in use.
  public let bytes: Int
  /// The number of bytes that the file has.
  public let total: Int
}

/// A file that no mirror would give.
public struct DownloadError: StarlingError, Hashable {
  /// One mirror, and what became of asking it.
  public struct Attempt: Hashable, Sendable {
    /// The mirror.
    public let mirror: URL
    /// What went wrong.
    public let reason: String
  }

  /// The file's name.
  public let file: String
  /// The mirrors that were asked, in order.
  public let attempts: [Attempt]

  /// The whole error in one line.
  public var description: String {
    let tried = attempts.map { "\($0.mirror.host ?? $0.mirror.absoluteString): \($0.reason)" }
    return "\(file) could not be downloaded (\(tried.joined(separator: "; "))); check the network, "
      + "or put the data set into a folder and name it with --data-dir or STARLING_DATA"
  }
}

/// A file that mirrors offer, and how to tell that it is the right one.
package struct RemoteFile: Hashable, Sendable {
  let name: String
  let size: Int
  let md5: String

  /// A file of the given name, size in bytes, and MD5 checksum.
  package init(name: String, size: Int, md5: String) {
    self.name = name
    self.size = size
    self.md5 = md5
  }
}

/// Downloading files into a folder, each whole and verified or not at all.
package struct Downloader: Sendable {
  /// The addresses that hold the files, asked in this order.
  package var mirrors: [URL]
  /// How long a mirror may take to begin its answer.
  ///
  /// Short, so that a machine without a network knows it soon.
  package var firstByteTimeout: Duration
  /// How long a mirror may pause within it.
  package var stallTimeout: Duration
  /// What to call as bytes come.
  package var progress: @Sendable (DownloadProgress) -> Void

  /// A downloader of the given parts.
  package init(
    mirrors: [URL], firstByteTimeout: Duration = .seconds(6),
    stallTimeout: Duration = .seconds(20),
    progress: @escaping @Sendable (DownloadProgress) -> Void = { _ in }
  ) {
    self.mirrors = mirrors
    self.firstByteTimeout = firstByteTimeout
    self.stallTimeout = stallTimeout
    self.progress = progress
  }

  /// Downloads those of the files that the folder lacks.
  ///
  /// - Parameters:
  ///   - files: The files.
  ///   - folder: Where they go; it is made if need be.
  /// - Throws: ``DownloadError`` when no mirror gives a file, `FileError` when the folder does
  ///   not take it, `CancellationError` when the task is cancelled.
  package func fetch(_ files: [RemoteFile], into folder: URL) async throws {
    let folder = try IncomingFolder(folder)
    var mirrors = mirrors
    for file in files where !folder.contains(file.name) {
      var attempts: [DownloadError.Attempt] = []
      for mirror in mirrors {
        do {
          try await fetch(file, from: mirror, into: folder)
          break
        } catch let failure as MirrorFailure {
          attempts.append(.init(mirror: mirror, reason: failure.reason))
          // It comes last from now on: what failed for one file is likely to fail for the next.
          mirrors.append(mirrors.removeFirst())
        }
      }
      if attempts.count == mirrors.count {
        throw DownloadError(file: file.name, attempts: attempts)
      }
    }
  }

  private func fetch(
    _ file: RemoteFile, from mirror: URL, into folder: IncomingFolder
  ) async throws {
    let part = try folder.makePart(for: file.name)
    defer { part.discard() }
    let transfer = Transfer(
      of: file, from: mirror.appendingPathComponent(file.name), into: part,
      firstByteTimeout: firstByteTimeout, stallTimeout: stallTimeout, progress: progress)
    let (size, checksum) = try await transfer.run()
    guard size == file.size, checksum == file.md5 else {
      throw MirrorFailure(
        reason: "sent \(size) bytes with MD5 \(checksum), not \(file.size) with \(file.md5)")
    }
    try part.commit()
  }
}

/// What a mirror did wrong; the next one may do better.
struct MirrorFailure: Error {
  let reason: String
}
