import Foundation
import Starling
import Testing

/// The instruction sets that this machine can run.
private let sets = InstructionSet.allCases.filter(\.isSupported)

/// A function of one number: its loop, the truth, and how far from it the loop may be, in ulp.
private struct Function: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let exact: @Sendable (Double) -> Double
  let ulp: Double
  let run:
    @Sendable (ElementwiseLoops, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void

  static let all = [
    Function(testDescription: "exp", exact: { exp($0) }, ulp: 1.1) { $0.exp($1, to: $2, $3) },
    Function(testDescription: "log", exact: { log($0) }, ulp: 1) { $0.log($1, to: $2, $3) },
    Function(testDescription: "sigmoid", exact: { 1 / (1 + exp(-$0)) }, ulp: 2.5) {
      $0.sigmoid($1, to: $2, $3)
    },
    Function(testDescription: "tanh", exact: { tanh($0) }, ulp: 2.5) { $0.tanh($1, to: $2, $3) },
    Function(testDescription: "relu", exact: { $0 < 0 ? 0 : $0 }, ulp: 0) {
      $0.relu($1, to: $2, $3)
    },
  ]

  func callAsFunction(_ loops: ElementwiseLoops, _ x: [Float]) -> [Float] {
    var y = [Float](repeating: 0, count: x.count)
    y.withUnsafeMutableBufferPointer { y in
      guard let y = y.baseAddress else { return }
      run(loops, x, y, x.count)
    }
    return y
  }
}

/// Numbers of every size, each reproducible.
private func numbers(_ count: Int, seed: UInt64 = 1) -> [Float] {
  var random = SeededGenerator(seed: seed)
  return (0..<count).map { _ in Float(random.normal()) }
}

@Suite("The loops over arrays of numbers")
struct ElementwiseLoopsTests {
  @Test(
    "exp, log, sigmoid, tanh and ReLU are as exact over all numbers as they say",
    arguments: sets, Function.all)
  fileprivate func ulp(set: InstructionSet, function: Function) {
    let edges: [Float] = [
      0, 1, .infinity, .nan, .leastNonzeroMagnitude, .leastNormalMagnitude,
      .leastNormalMagnitude.nextDown, .greatestFiniteMagnitude, 88.72284, 88.72283, 87.33655,
      103.97208, 103.97209, 103.27892, 104, 9, 10, 0.70710677, 1.4142135, 0.34657359,
    ]
    let aroundEdges = edges.flatMap { [$0, $0.nextUp, $0.nextDown, -$0, -$0.nextUp, -$0.nextDown] }
    // One of every 8,191 bit patterns: half a million numbers of all sizes and both signs.
    let everywhere = stride(from: 0, through: UInt64(UInt32.max), by: 8191)
      .map { Float(bitPattern: UInt32($0)) }
    let x = aroundEdges + everywhere
    let y = function(ElementwiseLoops(set), x)
    var worst = (error: 0.0, x: Float(0))
    for (x, y) in zip(x, y) {
      let exact = function.exact(Double(x))
      if exact.isNaN || y.isNaN {
        #expect(exact.isNaN == y.isNaN, "\(function.testDescription)(\(x)) = \(y)")
        continue
      }
      // Infinity is where the next power of two would be.
      func held(_ value: Double) -> Double { min(max(value, -0x1p128), 0x1p128) }
      let rounded = Float(min(abs(held(exact)), Double(Float.greatestFiniteMagnitude)))
      let error = abs(held(Double(y)) - held(exact)) / Double(rounded.ulp)
      if error > worst.error { worst = (error, x) }
    }
    #expect(worst.error <= function.ulp, "\(function.testDescription) at \(worst.x)")
  }

  @Test("the ends of the functions are what they should be", arguments: sets)
  func ends(set: InstructionSet) {
    let loops = ElementwiseLoops(set)
    let (exp, log, sigmoid) = (Function.all[0], Function.all[1], Function.all[2])
    let (tanh, relu) = (Function.all[3], Function.all[4])
    #expect(exp(loops, [-.infinity, -200, 0, 200, .infinity]) == [0, 0, 1, .infinity, .infinity])
    #expect(log(loops, [0, -0.0, 1, .infinity]) == [-.infinity, -.infinity, 0, .infinity])
    #expect(sigmoid(loops, [-.infinity, -200, 0, 200, .infinity]) == [0, 0, 0.5, 1, 1])
    #expect(tanh(loops, [-.infinity, 0, 1e-30, .infinity]) == [-1, 0, 1e-30, 1])
    #expect(tanh(loops, [-0.0])[0].sign == .minus)
    #expect(relu(loops, [-.infinity, -1, 2, .infinity]) == [0, 0, 2, .infinity])
    for function in Function.all { #expect(function(loops, [.nan])[0].isNaN) }
    for function in [exp, sigmoid] {
      #expect(function(loops, [-100])[0] > 0, "results below the normal range are not flushed")
    }
  }

  @Test(
    "a number's result does not depend on its place, and nothing else is touched",
    arguments: sets, Function.all)
  fileprivate func places(set: InstructionSet, function: Function) {
    let loops = ElementwiseLoops(set)
    let x = numbers(80)
    let whole = function(loops, x)
    for count in 0..<40 {
      for first in 0..<5 {
        var y = [Float](repeating: 7, count: 80)
        y.withUnsafeMutableBufferPointer { y in
          x.withUnsafeBufferPointer { x in
            guard let x = x.baseAddress, let y = y.baseAddress else { return }
            function.run(loops, x + first, y + first, count)
          }
        }
        let places = first..<first + count
        #expect(y[places].map(\.bitPattern) == whole[places].map(\.bitPattern))
        let others = y[..<first] + y[(first + count)...]
        #expect(others == ArraySlice(repeating: 7, count: 80 - count))
      }
    }
  }

  @Test("slopes are the derivative at the value, times dE/dY", arguments: sets, 0..<40)
  func slopes(set: InstructionSet, count: Int) {
    let loops = ElementwiseLoops(set)
    let y = numbers(count + 1).map { max($0, 0) }
    let dY = numbers(count + 1, seed: 2)
    var dX = [Float](repeating: 7, count: count + 1)
    loops.reluSlope(y, times: dY, to: &dX, count)
    #expect(dX == zip(y, dY).map { $0 > 0 ? $1 : 0 }.dropLast() + [7])
    loops.sigmoidSlope(y, times: dY, to: &dX, count)
    for n in 0..<count { #expect(abs(dX[n] - dY[n] * y[n] * (1 - y[n])) < 1e-6) }
    loops.tanhSlope(y, times: dY, to: &dX, count)
    for n in 0..<count { #expect(abs(dX[n] - dY[n] * (1 - y[n] * y[n])) < 4e-6) }
    #expect(dX[count] == 7)
  }

  @Test("sums and scaled sums are those of their numbers alone", arguments: sets, 0..<70)
  func sums(set: InstructionSet, count: Int) {
    let loops = ElementwiseLoops(set)
    // A NaN behind the numbers would show if it were read into the sum.
    let x = numbers(count) + [.nan]
    #expect(abs(Double(loops.sum(x, count)) - x[..<count].reduce(0) { $0 + Double($1) }) < 1e-5)
    var y = numbers(count + 1, seed: 2)
    let before = y
    loops.addScaled(-0.5, x, to: &y, count)
    for n in 0..<count { #expect(abs(y[n] - (before[n] - 0.5 * x[n])) < 1e-6) }
    #expect(y[count] == before[count])
  }

  @Test(
    "columns are summed in the order of the rows", arguments: sets, [1, 5, 16, 31, 64, 70, 150])
  func columnSums(set: InstructionSet, columns: Int) {
    let loops = ElementwiseLoops(set)
    let (rows, rowStride) = (9, columns + 3)
    let x = numbers(rows * rowStride)
    var sums = [Float](repeating: 7, count: columns + 1)
    loops.columnSums(x, rowStride: rowStride, rows: rows, columns: columns, to: &sums)
    let expected = (0..<columns).map { c in (0..<rows).reduce(0) { $0 + x[$1 * rowStride + c] } }
    #expect(sums == expected + [7])
  }

  @Test("the transpose is exact for every size", arguments: sets)
  func transpose(set: InstructionSet) {
    let loops = ElementwiseLoops(set)
    for (rows, columns) in [(1, 1), (3, 40), (4, 4), (16, 16), (17, 33), (32, 48), (50, 7)] {
      let (xStride, yStride) = (columns + 2, rows + 1)
      let x = numbers(rows * xStride)
      var y = [Float](repeating: 7, count: columns * yStride)
      loops.transpose(x, stride: xStride, to: &y, stride: yStride, rows: rows, columns: columns)
      for c in 0..<columns {
        for r in 0..<rows { #expect(y[c * yStride + r] == x[r * xStride + c]) }
        #expect(y[c * yStride + rows] == 7, "nothing between the rows is touched")
      }
    }
  }

  @Test("the softmax is right for every number of columns, and a NaN shows", arguments: sets)
  func softmax(set: InstructionSet) {
    let loops = ElementwiseLoops(set)
    for columns in 1..<40 {
      let (rows, stride) = (3, columns + 1)
      var x = numbers(rows * stride).map { 30 * $0 }
      for row in 0..<rows { x[row * stride + columns] = .nan }
      var y = [Float](repeating: 7, count: rows * stride)
      loops.softmax(x, stride: stride, to: &y, stride: stride, rows: rows, columns: columns)
      for row in 0..<rows {
        let z = x[row * stride..<row * stride + columns].map(Double.init)
        let largest = z.reduce(-.infinity) { max($0, $1) }
        let sum = z.reduce(0) { $0 + Foundation.exp($1 - largest) }
        for c in 0..<columns {
          #expect(abs(Double(y[row * stride + c]) - Foundation.exp(z[c] - largest) / sum) < 1e-6)
        }
        #expect(y[row * stride + columns] == 7)
      }
      x[columns / 2] = .nan
      loops.softmax(x, stride: stride, to: &y, stride: stride, rows: 1, columns: columns)
      #expect(y[..<columns].count { $0.isNaN } == columns)
    }
  }

  @Test("bytes become floats exactly as a product does", arguments: sets, 0..<40)
  func bytes(set: InstructionSet, count: Int) {
    let bytes = (0...count).map { UInt8(truncatingIfNeeded: 255 - 37 * $0) }
    var y = [Float](repeating: 7, count: count + 1)
    ElementwiseLoops(set).floats(from: bytes, scale: 1 / 255, to: &y, count)
    #expect(y == bytes[..<count].map { 1 / 255 * Float($0) } + [7])
  }
}
