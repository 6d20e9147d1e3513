package import Foundation
package import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// The web server: all that it answers, put together.
package enum Laboratory {
  /// Where it listens and what it reads.
  package struct Settings: Sendable {
    /// The port; 0 takes one that is free.
    package var port = 8080
    /// The folder that data sets lie in; without it, the usual one.
    package var dataFolder: String?
    /// The folder of the page's files, read anew at each request; without it, those built in.
    package var siteFolder: URL?
    /// How many runs there may be, and for how long.
    package var runLimits = Runs.Limits()

    /// What holds where nothing is said.
    package init() {}
  }

  /// The most connections at a time; those who come later wait for one to end.
  private static let mostConnections = 512

  /// The server, ready to run.
  ///
  /// - Parameters:
  ///   - settings: Where it listens and what it reads.
  ///   - isReady: Called once with the port on which it listens.
  /// - Returns: The application, which listens when it is run.
  /// - Throws: ``LabError`` for a folder of the page's files that is none.
  package static func application(
    _ settings: Settings = Settings(),
    isReady: @escaping @Sendable (_ port: Int) -> Void = { _ in }
  ) throws -> Application<RouterResponder<LabContext>> {
    var logger = Logger(label: "starling-lab") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .critical
    return Application(
      router: try router(settings).router,
      server: .http1(
        configuration: .init(
          additionalChannelHandlers: [ConnectionGuard()],
          idleTimeout: .seconds(20),
          httpDecoderConfiguration: .init(
            maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 32 * 1024, maxHeaderFieldCount: 100))),
      configuration: ApplicationConfiguration(
        address: .hostname("127.0.0.1", port: settings.port),
        availableConnectionsDelegate: .maximum(mostConnections, logger: logger)),
      onServerRunning: { channel in
        isReady(channel.localAddress?.port ?? settings.port)
      },
      logger: logger)
  }

  /// The paths of the API as they are answered, and the methods of each.
  package static func interface() throws -> [String: [String]] {
    Dictionary(
      uniqueKeysWithValues: try router(Settings()).paths.map { path in
        ("/" + path.components.joined(separator: "/"), path.methods)
      })
  }

  private static func router(
    _ settings: Settings
  ) throws -> (router: Router<LabContext>, paths: [LabRouter.Path]) {
    let resources = Bundle.module.resourceURL ?? Bundle.module.bundleURL
    let site =
      try settings.siteFolder.map { try Site(readingAnew: $0) }
      ?? Site(readingOnce: resources.appendingPathComponent("site"))
    let sources = try SourceFiles(in: resources.appendingPathComponent("source"))
    let description = ByteBuffer(
      bytes: try Data(contentsOf: resources.appendingPathComponent("openapi.json")))

    let inner = Router(context: LabContext.self, options: .autoGenerateHeadEndpoints)
    inner.add(middleware: SecurityHeadersMiddleware())
    inner.add(middleware: ErrorMiddleware())
    inner.add(middleware: LoopbackMiddleware())

    let router = LabRouter(inner)
    router.get("api/openapi.json") { _ in
      Response(contentType: "application/json", bytes: description)
    }
    addSourceRoutes(to: router, files: sources)
    addMathematicsRoutes(to: router)
    addEngineRoutes(to: router, dataFolder: settings.dataFolder, limits: settings.runLimits)
    // Middleware covers what is added after it: here no route is left, and so all that has none.
    inner.add(middleware: UnknownPathMiddleware(site: site, paths: router.paths))
    return (inner, router.paths)
  }
}
