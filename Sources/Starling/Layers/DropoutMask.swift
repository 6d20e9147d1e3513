/// Which numbers of a batch ``Dropout`` drops: a pure function of the seed and of the number's place, so
/// that whoever asks for any part of the mask, in any order, gets the same.
///
/// Element e, counted row by row through the whole batch, takes 16 random bits: piece e mod 4, lowest first,
/// of word ⌊e/4⌋ of the ``SeededGenerator`` of the seed. It is dropped if they are below
/// rate·2¹⁶, rounded.
package struct DropoutMask: Sendable {
  /// What every number that is kept is multiplied by: 1 / (1 − rate).
  package let scale: Float
  /// An element is dropped if its 16 bits are below this.
  package let threshold: UInt32
  /// What the mask is drawn from.
  package let seed: UInt64

  /// The mask of a rate, from 0 up to but not including 1, and a pass's seed for the layer.
  package init(rate: Float, seed: UInt64) {
    scale = 1 / (1 - rate)
    threshold = UInt32((rate * 65536).rounded())
    self.seed = seed
  }

  /// The random bits of elements 4·index up to 4·index + 3.
  package func word(_ index: Int) -> UInt64 {
    var random = SeededGenerator(seed: seed, skipping: index)
    return random.next()
  }

  /// Whether an element is dropped.
  package func drops(_ element: Int) -> Bool {
    let bits = UInt16(truncatingIfNeeded: word(element / 4) >> (16 * UInt64(element % 4)))
    return UInt32(bits) < threshold
  }
}
