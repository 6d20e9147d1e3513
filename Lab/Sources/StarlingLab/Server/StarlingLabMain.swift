import ArgumentParser
import Foundation
import Hummingbird
import HummingbirdCore
import NIOCore
import Starling
import StarlingData

/// The living deck: `starling-lab`.
@main
struct StarlingLabMain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "starling-lab",
    abstract: "The living deck: each slide in the browser, each number computed as one looks.",
    discussion: """
      The first line of standard output is the address. Only this machine can reach it, and nothing \
      that it serves asks another. Ctrl-C ends it.
      """)

  @Option(parsing: .unconditional, help: "The port to listen on; 0 takes one that is free.")
  var port = 8080

  @Option(
    name: .customLong("data-dir"),
    help: ArgumentHelp(
      "The folder that data sets lie in: DIR/mnist/train-images-idx3-ubyte.gz and so on.",
      discussion: "Without it, the variable STARLING_DATA, else your cache folder.",
      valueName: "DIR"))
  var dataFolder: String?

  @Option(
    help: ArgumentHelp(
      "A folder to take the page's files from, read anew at each request.", valueName: "DIR"))
  var site: String?

  @Flag(name: .customLong("open"), help: "Open the page in your browser, where there is one.")
  var opensBrowser = false

  func validate() throws {
    guard (0...65_535).contains(port) else {
      throw ValidationError("--port: expected 0 to 65535, got \(port); 0 takes one that is free")
    }
  }

  func run() async throws {
    // Built-in digits stand in for MNIST that is nowhere, and not for MNIST that somebody says is there.
    if let dataFolder { _ = try MNIST.locate(in: DataLocation(directory: dataFolder)) }
    var settings = Laboratory.Settings()
    settings.port = port
    settings.dataFolder = dataFolder
    settings.siteFolder = site.map { URL(fileURLWithPath: $0, isDirectory: true) }
    let application = try Laboratory.application(settings) { [opensBrowser] port in
      let address = "http://127.0.0.1:\(port)/"
      // At once: who starts the server as a child waits for this line.
      try? FileHandle.standardOutput.write(contentsOf: Data("\(address)\n".utf8))
      if opensBrowser, !Browser.open(address) {
        StandardError.print("note: there is no browser to open here; open the address in yours")
      }
    }
    // No signal is caught: nothing here outlives the process, so Ctrl-C may end it as it stands.
    do {
      try await application.run()
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      throw LabError("--port \(port): it is in use; give another, or 0 for one that is free")
    } catch let error as IOError {
      throw LabError("--port \(port): \(String(cString: strerror(error.errnoCode)))")
    }
  }

  /// Parses, runs, and turns what goes wrong into one line on standard error and an exit code.
  static func main() async {
    // A reader that goes away must not end the server.
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let error as LabError {
      fail(error.message, .failure)
    } catch let error as any StarlingError {
      fail(error.description, .failure)
    } catch {
      let code = exitCode(for: error)
      guard !code.isSuccess else { exit(withError: error) }  // --help
      // The parser begins with a capital; every other error of Starling does not.
      fail(String(fullMessage(for: error).trimmingPrefix("Error: ")), code)
    }
  }

  private static func fail(_ message: String, _ code: ExitCode) -> Never {
    StandardError.print("error: \(message)")
    exit(withError: code)
  }
}
