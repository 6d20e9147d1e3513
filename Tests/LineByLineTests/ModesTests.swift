import Foundation
import LineByLine
import Testing

@Suite("The modes against SciPy")
struct ModesTests {
  struct Case: Decodable {
    let mode: Mode
    let x: [[Double]]
    let k: [[Double]]
    let correlate2d: [[Double]]
    let convolve2d: [[Double]]
  }

  @Test("valid, same and full over rectangular inputs and kernels, as modes.json has them")
  func modes() throws {
    let cases = try JSONDecoder().decode([Case].self, from: oracle("modes.json"))
    #expect(cases.count == 122)
    for one in cases {
      let (X, K) = (Matrix(one.x), Matrix(one.k))
      expectEqual(crossCorrelate(X, K, mode: one.mode), Matrix(one.correlate2d))
      expectEqual(convolve(X, K, mode: one.mode), Matrix(one.convolve2d))
    }
  }

  @Test("What the operators are: ⋆ is the valid cross-correlation, ∗ the full convolution")
  func operators() {
    let (X, K): (Matrix, Matrix) = ([[1, 2, 3], [4, 5, 6]], [[7, 8]])
    #expect((X ⋆ K) == crossCorrelate(X, K, mode: .valid))
    #expect((X ∗ K) == convolve(X, K, mode: .full))
  }

  private func expectEqual(_ found: Matrix, _ expected: Matrix) {
    guard found.rows == expected.rows, found.columns == expected.columns else {
      Issue.record("\(found.rows)×\(found.columns), not \(expected.rows)×\(expected.columns)")
      return
    }
    let apart = zip(found.values, expected.values).map { abs($0 - $1) }.max() ?? .infinity
    #expect(apart < 1e-14, "\(found) is not \(expected)")
  }
}

/// A file of numbers in `Tests/Oracles`, beside the script that made them.
func oracle(_ name: String, from test: String = #filePath) throws -> Data {
  let tests = URL(fileURLWithPath: test).deletingLastPathComponent().deletingLastPathComponent()
  return try Data(contentsOf: tests.appendingPathComponent("Oracles/\(name)"))
}
