package import Hummingbird
package import NIOCore

/// What belongs to a request while it is answered.
package struct LabContext: RequestContext {
  package var coreContext: CoreRequestContextStorage
  /// The connection, which a long answer may have to watch or to close.
  package let channel: any Channel

  package init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
  }
}
