/// Sizes that do not go together.
public struct SizeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One line: where, what was expected, what was found, and what to do.
  public let description: String
}
