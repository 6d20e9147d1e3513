import Starling

/// A network's gradients beside their finite differences.
struct ChecksAnswer: Encodable {
  /// One gradient.
  struct Check: Encodable {
    let layer: String
    let parameter: String
    let maxRelativeError: Double
    let tolerance = GradientCheck.tolerance
    let result: String
  }

  let checks: [Check]

  init(_ checks: [GradientCheck]) {
    self.checks = checks.map { check in
      Check(
        layer: check.layer, parameter: check.parameter, maxRelativeError: check.maxRelativeError,
        result: check.passed ? "pass" : "fail")
    }
  }
}
