import Foundation
import Testing

/// What a process said, and how it ended.
struct Execution {
  /// The exit code, or the negative number of the signal that ended the process.
  let status: Int
  let output: String
  let errors: String

  /// The lines on standard output, without the empty ones.
  var lines: [String] { output.split(separator: "\n").map(String.init) }

  /// What standard output holds as JSON, and nothing else.
  func json<Value>(_ type: Value.Type = [String: Any].self) throws -> Value {
    let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
    return try #require(value as? Value, "\(output)")
  }
}

/// The executable `starling` that was built with these tests, on its way.
final class Running {
  private let process = Process()
  private let ended = DispatchSemaphore(value: 0)
  private let folder: TemporaryFolder

  /// Starts `starling`.
  ///
  /// - Parameters:
  ///   - arguments: What stands behind `starling` on the command line.
  ///   - directory: The working directory; a new and empty one unless given.
  ///   - environment: Variables beside those of the tests, which have neither `STARLING_DATA` nor a
  ///     home or a cache with anything in it.
  ///   - shell: A command to run before it in the same shell, such as `ulimit`.
  ///   - standardError: Where standard error goes, if not into the ``Execution``.
  /// - Throws: What Foundation throws when the process cannot be started.
  init(
    _ arguments: [String], in directory: URL? = nil, environment: [String: String] = [:],
    shell: String? = nil, standardError: FileHandle? = nil
  ) throws {
    folder = try TemporaryFolder()
    let executable = try Self.executable()
    if let shell {
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "\(shell); exec \"$0\" \"$@\"", executable.path] + arguments
    } else {
      process.executableURL = executable
      process.arguments = arguments
    }
    process.currentDirectoryURL = try directory ?? folder.subfolder("here")
    var variables = ProcessInfo.processInfo.environment
    for name in ["STARLING_DATA", "LC_ALL", "LC_CTYPE", "NO_COLOR", "COLORTERM"] {
      variables[name] = nil
    }
    variables["HOME"] = folder.url.path
    variables["XDG_CACHE_HOME"] = folder.path("cache")
    process.environment = variables.merging(environment) { _, given in given }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try folder.handle(for: "stdout")
    process.standardError = try standardError ?? folder.handle(for: "stderr")
    process.terminationHandler = { [ended] _ in ended.signal() }
    try process.run()
  }

  var isRunning: Bool { process.isRunning }

  var processIdentifier: CInt { process.processIdentifier }

  /// What has come on standard output so far.
  var output: String { folder.text(of: "stdout") }

  func send(_ signal: CInt) {
    if process.isRunning { kill(process.processIdentifier, signal) }
  }

  /// Waits until something holds, looking often; `false` if the process ends first.
  func wait(until condition: () -> Bool) -> Bool {
    while !condition() {
      guard process.isRunning else { return condition() }
      usleep(200)
    }
    return true
  }

  /// Waits for the end; a process that does not end in two minutes is killed.
  func finish() -> Execution {
    if ended.wait(timeout: .now() + 120) == .timedOut {
      send(SIGKILL)
      ended.wait()
    }
    let status = Int(process.terminationStatus)
    return Execution(
      status: process.terminationReason == .exit ? status : -status, output: output,
      errors: folder.text(of: "stderr"))
  }

  /// The product lies beside the tests' own bundle.
  private static func executable() throws -> URL {
    let bundles = Bundle.allBundles.map(\.bundleURL) + [Bundle.main.bundleURL]
    let folders = bundles.flatMap { [$0, $0.deletingLastPathComponent()] }
    let found = folders.map { $0.appendingPathComponent("starling") }.first {
      FileManager.default.isExecutableFile(atPath: $0.path)
        && (try? $0.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true
    }
    return try #require(found, "starling was not built beside \(bundles.map(\.path))")
  }
}

/// Runs `starling` to its end.
@discardableResult
func starling(
  _ arguments: String..., in directory: URL? = nil, environment: [String: String] = [:],
  shell: String? = nil
) throws -> Execution {
  try Running(arguments, in: directory, environment: environment, shell: shell).finish()
}

/// Runs `starling` and checks that it succeeds.
@discardableResult
func succeed(
  _ arguments: String..., in directory: URL? = nil, environment: [String: String] = [:],
  sourceLocation: SourceLocation = #_sourceLocation
) throws -> Execution {
  let execution = try Running(arguments, in: directory, environment: environment).finish()
  #expect(execution.status == 0, "\(execution.errors)", sourceLocation: sourceLocation)
  return execution
}

/// Checks that a run failed as it should: one line on standard error that holds the given parts, and
/// nothing on standard output.
func expectError(
  _ execution: Execution, status: Int = 1, holding parts: [String],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let lines = execution.errors.split(separator: "\n")
  #expect(execution.status == status, "\(execution)", sourceLocation: sourceLocation)
  #expect(execution.output == "", sourceLocation: sourceLocation)
  #expect(
    lines.first?.hasPrefix("error: ") == true, "\(execution.errors)",
    sourceLocation: sourceLocation)
  // Wrong usage is followed by how it is used.
  #expect(
    status == 64 || lines.count == 1, "\(execution.errors)", sourceLocation: sourceLocation)
  for part in parts {
    #expect(
      lines.first?.contains(part) == true, "\(part) in: \(execution.errors)",
      sourceLocation: sourceLocation)
  }
}
