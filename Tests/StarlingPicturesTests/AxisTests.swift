import StarlingPictures
import Testing

@Suite("Axes")
struct AxisTests {
  @Test(
    "steps are 1, 2 or 5 times a power of ten",
    arguments: [
      (1.0, 5, 0.2), (0.3, 3, 0.1), (0.25, 5, 0.05), (12, 5, 5), (7, 8, 1), (0.0026, 5, 0.001),
      (0, 5, 1), (.infinity, 5, 1), (.nan, 5, 1),
    ])
  func steps(span: Double, count: Int, step: Double) {
    #expect(abs(Axis.niceStep(for: span, atMost: count) - step) <= 1e-12 * step)
  }

  @Test("amounts begin at zero and end at the tick above the largest, without rounding errors")
  func linear() {
    let axis = Axis(amounts: [0.012, 0.251, .nan, .infinity])
    #expect(!axis.isLogarithmic)
    #expect(axis.ticks == [0, 0.1, 0.2, 0.3])
    #expect(axis.position(of: 0) == 0)
    #expect(abs(axis.position(of: 0.3) - 1) < 1e-12)
    #expect(Axis(amounts: [-3, 4]).ticks == [-4, -2, 0, 2, 4])
  }

  @Test("more than two decades make it logarithmic; a zero among them does not")
  func logarithmic() {
    let axis = Axis(amounts: [0.252, 0.0023])
    #expect(axis.isLogarithmic)
    #expect(
      zip(axis.ticks, [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5])
        .allSatisfy { abs($0 / $1 - 1) < 1e-12 })
    #expect(axis.ticks.count == 8)
    #expect(axis.position(of: axis.lower) == 0 && axis.position(of: axis.upper) == 1)
    #expect(abs(axis.position(of: (axis.lower * axis.upper).squareRoot()) - 0.5) < 1e-12)
    #expect(!Axis(amounts: [1, 100]).isLogarithmic)
    #expect(Axis(amounts: [1, 100.1]).isLogarithmic)
    #expect(!Axis(amounts: [0, 1000, 1]).isLogarithmic)
  }

  @Test("many decades have few ticks")
  func manyDecades() {
    let axis = Axis(amounts: [1e-40, 1])
    #expect((4...9).contains(axis.ticks.count))
    #expect(axis.ticks.last == 1)
  }

  @Test(
    "amounts of any kind make an axis that holds them",
    arguments: [
      [], [0], [.nan], [.leastNonzeroMagnitude], [-.leastNonzeroMagnitude], [1e308, -1e308],
      [5, 5], [-2], [1e-300, 1e300],
      [.greatestFiniteMagnitude],
    ])
  func anyAmounts(amounts: [Double]) {
    let axis = Axis(amounts: amounts)
    #expect(axis.upper > axis.lower)
    #expect((1...12).contains(axis.ticks.count))
    for amount in amounts where amount.isFinite && abs(amount) < 1e300 {
      #expect((-1e-9...1 + 1e-9).contains(axis.position(of: amount)))
    }
  }

  @Test(
    "epochs have whole ticks, the first among them",
    arguments: [
      (1, [1]), (2, [1, 2]), (7, [1, 2, 3, 4, 5, 6, 7]), (20, [1, 5, 10, 15, 20]),
      (100, [1, 20, 40, 60, 80, 100]),
    ])
  func epochs(last: Int, ticks: [Double]) {
    #expect(Axis(wholeFrom: 1, to: last).ticks == ticks)
  }
}

@Suite("Numbers in pictures")
struct NumberTests {
  @Test("one decimal, ties to the even digit, and 100.0% for exactly 1 alone")
  func percentages() {
    #expect(percent(0.999) == "99.9%")
    #expect(percent(0.9996) == "99.9%")
    #expect(percent(Float(1).nextDown) == "99.9%")
    #expect(percent(1) == "100.0%")
    #expect(percent(0) == "0.0%")
    #expect(percent(-1e-9) == "0.0%")
    // 6.25 % and 18.75 % are ties, exactly.
    #expect(percent(0.0625) == "6.2%")
    #expect(percent(0.1875) == "18.8%")
    #expect(percent(.nan) == "NaN")
  }

  @Test("short numbers have no noise and a true minus")
  func short() {
    #expect(shortNumber(0.1 + 0.2) == "0.3")
    #expect(shortNumber(1e-5) == "1e-5")
    #expect(shortNumber(1e12) == "1e12")
    #expect(shortNumber(-4) == "−4")
    #expect(shortNumber(0.012345, digits: 3) == "0.0123")
    #expect(shortNumber(.infinity) == "+∞")
  }

  @Test("signed numbers carry their sign, zero none")
  func signed() {
    #expect(signedNumber(0.5, decimals: 2) == "+0.50")
    #expect(signedNumber(-12.34, decimals: 1) == "−12.3")
    #expect(signedNumber(0, decimals: 2) == "0.00")
    #expect(signedNumber(-.infinity, decimals: 2) == "−∞")
  }
}
