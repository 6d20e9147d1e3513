package import Hummingbird

/// What belongs to a request while it is answered.
package struct LabContext: RequestContext {
  package var coreContext: CoreRequestContextStorage

  package init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
  }
}
