import Starling
import Testing

@Suite("Products of matrices")
struct MatrixProductTests {
  /// A size of a product.
  struct Size: Sendable, CustomTestStringConvertible {
    let rows, columns, depth: Int
    var testDescription: String { "\(rows)×\(depth) · \(depth)×\(columns)" }
  }

  static let sizes = [
    Size(rows: 1, columns: 1, depth: 1), Size(rows: 3, columns: 5, depth: 7),
    Size(rows: 13, columns: 33, depth: 1), Size(rows: 64, columns: 32, depth: 256),
    // One more than the blocks hold, and one less.
    Size(rows: 129, columns: 31, depth: 1025), Size(rows: 127, columns: 65, depth: 1023),
    Size(rows: 260, columns: 97, depth: 530), Size(rows: 31, columns: 200, depth: 2050),
  ]
  /// What lies behind C: nobody may touch it.
  private static let guardValue: Float = 12_345.5

  private func random(_ count: Int, seed: UInt64) -> [Float] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
  }

  private func product(
    _ size: Size, _ a: [Float], _ b: [Float], workers: Int, _ set: InstructionSet
  ) -> [Float] {
    let product = MatrixProduct(
      rows: size.rows, columns: size.columns, depth: size.depth, for: set)
    let count = size.rows * size.columns
    let c = UnsafeMutablePointer<Float>.allocate(capacity: count + 64)
    let scratch = UnsafeMutablePointer<Float>.allocate(
      capacity: product.scratchCount(workers: workers) + 16)
    defer {
      c.deallocate()
      scratch.deallocate()
    }
    // Whatever is not written stays no number.
    c.initialize(repeating: .nan, count: count)
    (c + count).initialize(repeating: MatrixProductTests.guardValue, count: 64)
    scratch.initialize(repeating: .nan, count: product.scratchCount(workers: workers))
    (scratch + product.scratchCount(workers: workers)).initialize(
      repeating: MatrixProductTests.guardValue, count: 16)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        guard let a = a.baseAddress, let b = b.baseAddress else { return }
        ThreadPool.shared.run(workers: workers) {
          product.run(a, b, to: c, scratch: scratch, $0)
        }
      }
    }
    for index in 0..<64 { #expect(c[count + index] == MatrixProductTests.guardValue) }
    for index in 0..<16 {
      #expect(
        scratch[product.scratchCount(workers: workers) + index] == MatrixProductTests.guardValue)
    }
    return Array(UnsafeBufferPointer(start: c, count: count))
  }

  @Test("agrees with the sum in Double", arguments: sizes)
  func agreesWithSum(_ size: Size) {
    let a = random(size.rows * size.depth, seed: 1)
    let b = random(size.depth * size.columns, seed: 2)
    var expected = [Double](repeating: 0, count: size.rows * size.columns)
    for row in 0..<size.rows {
      for term in 0..<size.depth {
        let factor = Double(a[row * size.depth + term])
        for column in 0..<size.columns {
          expected[row * size.columns + column] +=
            factor * Double(b[term * size.columns + column])
        }
      }
    }
    for set in InstructionSet.supported {
      let found = product(size, a, b, workers: 1, set)
      let errors = zip(found, expected).map { abs(Double($0) - $1) }
      // Numbers up to 1: the rounding of a chain of so many terms.
      #expect(errors.allSatisfy { $0 < 1e-7 * Double(size.depth) + 1e-7 }, "\(set)")
    }
  }

  @Test("bits do not depend on the workers", arguments: sizes)
  func sameBits(_ size: Size) {
    let a = random(size.rows * size.depth, seed: 3)
    let b = random(size.depth * size.columns, seed: 4)
    for set in InstructionSet.supported {
      let one = product(size, a, b, workers: 1, set).map(\.bitPattern)
      for workers in [2, 3, 8] {
        #expect(product(size, a, b, workers: workers, set).map(\.bitPattern) == one, "\(set)")
      }
    }
  }
}
