public import Foundation

/// The folder that data sets lie in, each in a folder of its own name: `FOLDER/mnist/…`.
///
/// It is the folder that the user names, else the one that the variable `STARLING_DATA` names, else
/// the user's cache folder.
public struct DataLocation: Hashable, Sendable {
  /// Who chose the folder.
  public enum Origin: Hashable, Sendable {
    /// The user, with an argument.
    case argument
    /// The variable `STARLING_DATA`.
    case environment
    /// Nobody: it is the user's cache, into which missing data sets are downloaded.
    case cache
  }

  /// The folder.
  public let folder: URL
  /// Who chose it.
  public let origin: Origin

  /// The folder for data sets.
  ///
  /// - Parameters:
  ///   - directory: The folder that the user asked for, if any.
  ///   - environment: The variables of the process.
  public init(
    directory: String? = nil,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    if let directory {
      folder = URL(fileURLWithPath: directory, isDirectory: true)
      origin = .argument
    } else if let directory = environment["STARLING_DATA"], !directory.isEmpty {
      folder = URL(fileURLWithPath: directory, isDirectory: true)
      origin = .environment
    } else {
      folder = Self.caches(environment).appendingPathComponent("starling", isDirectory: true)
      origin = .cache
    }
  }

  /// The folder of one data set.
  public func folder(of dataset: String) -> URL {
    folder.appendingPathComponent(dataset, isDirectory: true)
  }

  /// Where the system wants caches: `~/Library/Caches` on a Mac; elsewhere `XDG_CACHE_HOME`, which
  /// counts only when absolute (XDG Base Directory Specification), or `~/.cache`.
  private static func caches(_ environment: [String: String]) -> URL {
    let home =
      environment["HOME"].flatMap { $0.hasPrefix("/") ? URL(fileURLWithPath: $0) : nil }
      ?? FileManager.default.homeDirectoryForCurrentUser
    #if os(macOS)
      return home.appendingPathComponent("Library/Caches", isDirectory: true)
    #else
      if let caches = environment["XDG_CACHE_HOME"], caches.hasPrefix("/") {
        return URL(fileURLWithPath: caches, isDirectory: true)
      }
      return home.appendingPathComponent(".cache", isDirectory: true)
    #endif
  }
}
