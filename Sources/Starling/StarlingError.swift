public import Foundation

/// A problem with what a user gave: sizes, files, data.
///
/// Its description is one line that says where it is, what was expected, what was found, and what
/// to do.
public protocol StarlingError: LocalizedError, CustomStringConvertible, Sendable {}

extension StarlingError {
  /// The description, for those who ask Foundation.
  public var errorDescription: String? { description }
  /// Nothing beyond the description.
  public var failureReason: String? { nil }
  /// Nothing beyond the description.
  public var recoverySuggestion: String? { nil }
  /// Nothing beyond the description.
  public var helpAnchor: String? { nil }
}
