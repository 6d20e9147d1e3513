/// A random number generator that gives the same numbers for the same seed, on every machine.
///
/// SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA
/// 2014), the generator of the engine and of the scripts in `Tests/Oracles` as well, so that all
/// three can begin with the same weights.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// The generator of a seed.
  public init(seed: UInt64) {
    state = seed
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 up to but not including 1, with 53 random bits.
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// So many weights between −1/√n and 1/√n, for sums of n products.
  ///
  /// The bound keeps the sums near 1 however many inputs there are. Each weight is rounded to what
  /// a `Float` holds, so that an engine in `Float` can begin with the very same numbers.
  public mutating func weights(_ count: Int, summing n: Int) -> [Double] {
    let bound = 1 / Double(n).squareRoot()
    return (0..<count).map { _ in Double(Float((uniform() - 0.5) * 2 * bound)) }
  }
}
