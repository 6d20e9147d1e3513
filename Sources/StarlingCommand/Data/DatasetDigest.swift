import Starling

extension Dataset {
  /// 64 bits that tell this data set from others, in hexadecimal: FNV-1a (Fowler, Noll and Vo) over
  /// the pixels and then the labels.
  ///
  /// The same images have the same digest wherever their files lie.
  var digest: String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func add(_ value: UInt64) { hash = (hash ^ value) &* 0x100_0000_01B3 }
    pixels.withUnsafeBufferPointer { for pixel in $0 { add(UInt64(pixel)) } }
    for label in labels { add(UInt64(label)) }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
