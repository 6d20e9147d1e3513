import Foundation
import Starling
import Testing

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite("Files written whole or not at all")
struct AtomicFileTests {
  /// The names in a folder, hidden ones included.
  static func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  static func bytes(of path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: path)))
  }

  @Test("A file is written, then replaced, and nothing else is left in the folder")
  func replacing() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/model ⋆.safetensors"
      let large = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      for bytes in [[1, 2, 3], large, []] {
        try AtomicFile.write(bytes, to: path)
        #expect(try Self.bytes(of: path) == bytes)
      }
      try AtomicFile.write(Data([7]), to: path)
      #expect(try Self.bytes(of: path) == [7])
      #expect(try Self.names(in: folder) == ["model ⋆.safetensors"])
    }
  }

  @Test("A name may be as long as the file system allows, and no longer")
  func longNames() throws {
    try withTemporaryFolder { folder in
      let umlauts = String(repeating: "ü", count: 127)
      let longest = String(repeating: "n", count: 255)
      for name in [umlauts, longest] { try AtomicFile.write([1], to: "\(folder)/\(name)") }
      let error = #expect(throws: FileError.self) {
        try AtomicFile.write([1], to: "\(folder)/\(longest)n")
      }
      #expect(
        error?.description
          == "\(folder)/\(longest)n: cannot be written: File name too long; choose a shorter name")
      #expect(try Self.names(in: folder) == [longest, umlauts])
    }
  }

  @Test("A path that cannot be written is an error that names it and the remedy")
  func impossiblePaths() throws {
    try withTemporaryFolder { folder in
      try AtomicFile.write([1], to: "\(folder)/file")
      for (path, fragment) in [
        (folder, "expected a file or nothing, found a folder or a device; choose another name"),
        ("\(folder)/", "found a folder"), ("\(folder)/.", "found a folder"),
        ("/dev/null", "found a folder or a device"),
        ("\(folder)/none/file", "No such file or directory; make the folder first"),
        ("\(folder)/none/", "expected the path of a file, found none; name a file"),
        ("\(folder)/file/file", "Not a directory; make the folder first"),
        ("", "expected the path of a file, found none"),
        ("\(folder)/file\0", "expected the path of a file, found none"),
      ] {
        let error = #expect(throws: FileError.self) { try AtomicFile.write([2], to: path) }
        #expect(error?.file == path)
        #expect(error?.description.contains(fragment) == true, "\(error?.description ?? "")")
      }
      #expect(try Self.names(in: folder) == ["file"])
      #expect(try Self.bytes(of: "\(folder)/file") == [1])
    }
  }

  @Test("A file keeps its permissions, and a symbolic link stays one")
  func permissionsAndLinks() throws {
    try withTemporaryFolder { folder in
      let files = FileManager.default
      try AtomicFile.write([1], to: "\(folder)/file")
      try files.setAttributes([.posixPermissions: 0o640], ofItemAtPath: "\(folder)/file")
      try files.createSymbolicLink(atPath: "\(folder)/link", withDestinationPath: "file")
      try AtomicFile.write([2], to: "\(folder)/link")
      #expect(try files.destinationOfSymbolicLink(atPath: "\(folder)/link") == "file")
      #expect(try Self.bytes(of: "\(folder)/file") == [2])
      let permissions = try files.attributesOfItem(atPath: "\(folder)/file")[.posixPermissions]
      #expect((permissions as? NSNumber)?.intValue == 0o640)
    }
  }

  @Test("What the dead left of this target is removed; what lives, or is another's, stays")
  func leftovers() throws {
    try withTemporaryFolder { folder in
      let dead = ".a.0123456789abcdef.partial"
      let living = ".a.fedcba9876543210.partial"
      let others = [".ab.0123456789abcdef.partial", ".a.partial", ".a.0123.partial", "a.partial"]
      for name in [dead, living] + others {
        try Data([9]).write(to: URL(filePath: "\(folder)/\(name)"))
      }
      let descriptor = open("\(folder)/\(living)", O_RDWR)
      #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
      try AtomicFile.write([1], to: "\(folder)/a")
      #expect(try Self.names(in: folder) == (["a", living] + others).sorted())
      close(descriptor)
      try AtomicFile.write([1], to: "\(folder)/a")
      #expect(try Self.names(in: folder) == (["a"] + others).sorted())
    }
  }

  @Test("Many writers of one file: at the end it is one of theirs, whole")
  func concurrentWriters() throws {
    try withTemporaryFolder { folder in
      let lock = NSLock()
      nonisolated(unsafe) var errors: [any Error] = []
      let group = DispatchGroup()
      for writer in 0..<8 {
        group.enter()
        Thread.detachNewThread {
          do {
            for _ in 0..<20 {
              let bytes = [UInt8](repeating: UInt8(writer), count: 50_000)
              try AtomicFile.write(bytes, to: "\(folder)/a")
            }
          } catch {
            lock.withLock { errors.append(error) }
          }
          group.leave()
        }
      }
      group.wait()
      #expect(errors.isEmpty)
      let bytes = try Self.bytes(of: "\(folder)/a")
      #expect(bytes == [UInt8](repeating: bytes.first ?? 255, count: 50_000))
      #expect(try Self.names(in: folder) == ["a"])
    }
  }
}

/// Tests that need a process of their own: to be killed, or to have its rights taken.
@Suite("Files, when the worst happens")
struct AtomicFileExitTests {
  /// A folder that a test and its child process both know.
  static func folder(of process: pid_t, _ purpose: String) -> String {
    FileManager.default.temporaryDirectory.appending(path: "starling-\(purpose)-\(process)")
      .path(percentEncoded: false)
  }

  static func prepare(_ purpose: String) throws -> String {
    let folder = folder(of: getpid(), purpose)
    try? FileManager.default.removeItem(atPath: folder)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
  }

  @Test("Killed while it saves, at any time, a process leaves the old file or the new one")
  func killed() async throws {
    let folder = try Self.prepare("killed")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/model"
    try AtomicFile.write([UInt8](repeating: 255, count: 2_000_000), to: path)
    var foundPartial = false
    for _ in 0..<10 {
      await #expect(processExitsWith: .signal(SIGKILL)) {
        let path = AtomicFileExitTests.folder(of: getppid(), "killed") + "/model"
        Thread.detachNewThread {
          usleep(.random(in: 0...30_000))
          kill(getpid(), SIGKILL)
        }
        for round in 0..<UInt64.max {
          let content = [UInt8](repeating: UInt8(round % 250), count: 2_000_000)
          try AtomicFile.write(content, to: path)
        }
      }
      let bytes = try AtomicFileTests.bytes(of: path)
      #expect(bytes == [UInt8](repeating: bytes.first ?? 0, count: 2_000_000))
      let names = try AtomicFileTests.names(in: folder)
      #expect(names.count <= 2)
      foundPartial = foundPartial || names.count == 2
    }
    // Ten kills that all fell between two saves would have tested nothing.
    #expect(foundPartial)
    try AtomicFile.write([1], to: path)
    #expect(try AtomicFileTests.names(in: folder) == ["model"])
  }

  @Test("With no room for the new file, the old one stays and nothing else does")
  func full() async throws {
    let folder = try Self.prepare("full")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try AtomicFile.write([1, 2, 3], to: "\(folder)/model")
    await #expect(processExitsWith: .success) {
      let folder = AtomicFileExitTests.folder(of: getppid(), "full")
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 100_000, rlim_max: 100_000)
      #if canImport(Glibc)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      #else
        setrlimit(RLIMIT_FSIZE, &limit)
      #endif
      do {
        try AtomicFile.write([UInt8](repeating: 9, count: 1_000_000), to: "\(folder)/model")
        exit(1)
      } catch let error as FileError {
        let problem = "cannot be written: File too large"
        guard error.file == "\(folder)/model", error.problem == problem else { exit(2) }
      }
    }
    #expect(try AtomicFileTests.bytes(of: "\(folder)/model") == [1, 2, 3])
    #expect(try AtomicFileTests.names(in: folder) == ["model"])
  }

  @Test("In a folder or over a file that one may not write, nothing changes")
  func forbidden() async throws {
    let folder = try Self.prepare("forbidden")
    let files = FileManager.default
    defer {
      try? files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder)
      try? files.removeItem(atPath: folder)
    }
    try files.createDirectory(atPath: "\(folder)/open", withIntermediateDirectories: false)
    try files.setAttributes([.posixPermissions: 0o777], ofItemAtPath: "\(folder)/open")
    for path in ["\(folder)/model", "\(folder)/open/model"] {
      try AtomicFile.write([1], to: path)
      try files.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
    }
    try files.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder)
    await #expect(processExitsWith: .success) {
      let folder = AtomicFileExitTests.folder(of: getppid(), "forbidden")
      // Root may write anywhere; the test is for those who may not.
      if geteuid() == 0 { setuid(65_534) }
      for name in ["new", "model", "open/model"] {
        do {
          try AtomicFile.write([2], to: "\(folder)/\(name)")
          exit(1)
        } catch let error as FileError {
          guard error.description.contains("Permission denied; choose a folder") else { exit(2) }
        }
      }
      try AtomicFile.write([2], to: "\(folder)/open/new")
    }
    for path in ["model", "open/model"] {
      #expect(try AtomicFileTests.bytes(of: "\(folder)/\(path)") == [1])
    }
    #expect(try AtomicFileTests.names(in: folder) == ["model", "open"])
    #expect(try AtomicFileTests.names(in: "\(folder)/open") == ["model", "new"])
  }
}
