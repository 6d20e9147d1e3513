import Foundation

/// A random number generator that gives the same numbers for the same seed, on every machine.
///
/// SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA
/// 2014): a counter stepped by the golden ratio, and a mixing function of its value. It is passed to
/// whoever draws, never kept in a global.
public struct SeededGenerator: RandomNumberGenerator, Hashable, Sendable {
  private var state: UInt64

  /// The generator of a seed.
  public init(seed: UInt64) {
    state = seed
  }

  /// One of many unrelated generators of a seed, such as one for each epoch's shuffle.
  public init(seed: UInt64, stream: UInt64) {
    var seeds = SeededGenerator(seed: seed)
    var streams = SeededGenerator(seed: stream ^ 0xD1B5_4A32_D192_ED03)
    state = seeds.next() ^ streams.next()
  }

  /// The generator of a seed, after it has given so many numbers.
  init(seed: UInt64, skipping numbers: Int) {
    state = seed &+ UInt64(numbers) &* SeededGenerator.increment
  }

  /// 2⁶⁴ over the golden ratio, made odd.
  private static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= SeededGenerator.increment
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

// The standard library may change how it turns bits into numbers; a seed must not change its
// meaning with the compiler, so the ways in which Starling draws are written out here.
extension RandomNumberGenerator {
  /// A number from 0 up to but not including 1, with 53 random bits.
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A number from the normal distribution with mean 0 and standard deviation 1, by the transform of
  /// Box and Muller (1958).
  public mutating func normal() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * .pi * uniform())
  }

  /// A whole number from 0 up to but not including `bound`.
  public mutating func index(below bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// The numbers from 0 up to but not including `count`, in random order (Fisher and Yates).
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, index(below: last + 1))
    }
    return order
  }
}
