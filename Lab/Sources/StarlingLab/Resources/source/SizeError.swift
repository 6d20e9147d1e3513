/// Sizes that do not go together.
public struct SizeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One line: where, what was expected, what was found, and what to do.
  public let description: String
}

/// How many numbers there are in something of the given sizes, once it is known that there can be.
///
/// - Parameters:
///   - sizes: Its sizes.
///   - what: What it is, for the error to name.
/// - Returns: The product of the sizes.
/// - Throws: `SizeError` if a size is below 1, or the product above 2³¹ − 1, which is 16 GB.
@discardableResult
func count(_ sizes: [Int], of what: String) throws(SizeError) -> Int {
  let name = "\(what) of " + sizes.map { "\($0)" }.joined(separator: "×")
  var count = 1
  for size in sizes {
    guard size > 0 else {
      throw SizeError(description: "\(name) cannot be: each size is at least 1")
    }
    let (product, overflow) = count.multipliedReportingOverflow(by: size)
    guard !overflow, product <= Int(Int32.max) else {
      throw SizeError(
        description: "\(name) would hold more than 2³¹ − 1 numbers; take smaller sizes")
    }
    count = product
  }
  return count
}
