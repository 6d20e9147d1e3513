public import Starling

/// A picture that cannot be drawn or written: which one, why, and what to do.
public struct PictureError: StarlingError, Hashable {
  /// One line: the picture or file, what was expected, what was found, and the remedy.
  public let description: String

  /// An error with the given message.
  public init(_ description: String) {
    self.description = description
  }
}
