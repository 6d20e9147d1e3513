/// Training that cannot start, or cannot go on.
public enum TrainingError: StarlingError, Hashable {
  /// A setting that makes no sense.
  case setting(String, expected: String, found: String, remedy: String)
  /// A number that is infinite or NaN. `place` is the first layer to produce one.
  case nonFinite(place: String, epoch: Int)
  /// Data that does not fit the network.
  case data(String)

  /// What is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .setting(let name, let expected, let found, let remedy):
      "\(name): expected \(expected), got \(found); \(remedy)"
    case .nonFinite(let place, let epoch):
      "\(place): a number became infinite or NaN in epoch \(epoch); the network is as it was before "
        + "this epoch: train on with a smaller learning rate"
    case .data(let message): message
    }
  }
}
