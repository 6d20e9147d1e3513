import Foundation

/// A number with as few digits as tell it apart, at most `digits` of them: `0.002`, `1e-5`, `12`.
package func shortNumber(_ value: Double, digits: Int = 6) -> String {
  guard value.isFinite else { return nonFiniteName(value) }
  return String(format: "%.\(digits)g", value + 0)
    .replacingOccurrences(of: "e-0", with: "e-")
    .replacingOccurrences(of: "e+0", with: "e")
    .replacingOccurrences(of: "e+", with: "e")
    .replacingOccurrences(of: "-", with: "−", options: .anchored)
}

/// A number with its sign, + or −, and a fixed number of decimals; zero has no sign.
package func signedNumber(_ value: Double, decimals: Int) -> String {
  guard value.isFinite else { return nonFiniteName(value) }
  let digits = String(format: "%.\(decimals)f", abs(value))
  guard value != 0 else { return digits }
  return (value < 0 ? "−" : "+") + digits
}

/// What stands in the place of a number that is none.
func nonFiniteName(_ value: Double) -> String {
  value.isNaN ? "NaN" : value < 0 ? "−∞" : "+∞"
}

/// A count with its noun: `1 image`, `12 images`.
func counted(_ count: Int, _ noun: String) -> String {
  count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
}
