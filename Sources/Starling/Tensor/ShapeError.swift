/// Sizes that do not fit together: where, what was expected, what was found, and what to do.
///
///     layer 3 (Dense), inputs: expected 3380, got 3364; write Dense(100) and let the network count
public struct ShapeError: StarlingError, Hashable {
  /// Where the sizes meet: `layer 3 (Dense)`, or the name of a function's argument.
  public var place: String
  /// Which of the sizes: `kernel height`, `inputs`, `depth`.
  public var axis: String
  /// What would have fitted.
  public var expected: String
  /// What was there.
  public var found: String
  /// What the reader of the message can do.
  public var remedy: String

  /// An error with the given parts.
  public init(place: String, axis: String, expected: String, found: String, remedy: String) {
    self.place = place
    self.axis = axis
    self.expected = expected
    self.found = found
    self.remedy = remedy
  }

  /// The same error, seen from a place that knows more of where it happened.
  public func located(at place: String) -> ShapeError {
    var error = self
    error.place = place
    return error
  }

  /// One line with all the parts.
  public var description: String {
    "\(place), \(axis): expected \(expected), got \(found); \(remedy)"
  }
}
