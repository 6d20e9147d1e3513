/// Something that a run has to tell.
enum RunEvent: Sendable {
  /// An epoch is over.
  case epoch(EpochRecord)
  /// The run is in another state.
  case state(StateRecord)

  /// A state as the page shows it.
  struct StateRecord: Encodable, Sendable {
    let state: RunState
    /// Why, where that needs to be said; else empty.
    let message: String
  }
}
