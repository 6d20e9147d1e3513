import Foundation

/// The MD5 checksum (RFC 1321), of bytes that come piece by piece.
///
/// It is the checksum that MNIST's mirrors and its readers have always published, so it is the one
/// that tells whether a download is the original. It guards against accidents, not against forgers.
/// macOS has it in CryptoKit; on Linux it would be the only reason to build a cryptography package,
/// which takes longer than the rest of Starling.
package struct MD5 {
  private var state: SIMD4<UInt32> = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476]
  private var pending: [UInt8] = []
  private var count: UInt64 = 0

  /// The checksum of nothing yet.
  package init() {}

  /// How far each step of a round rotates, four rounds of four.
  private static let rotations: [[UInt32]] = [
    [7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21],
  ]
  /// The number that each step adds: the first 32 bits of |sin(1)|, |sin(2)|, and so on.
  private static let addends = (1...64).map { UInt32(abs(sin(Double($0))) * 0x1p32) }

  /// Takes in more bytes.
  package mutating func update(_ bytes: some Sequence<UInt8>) {
    let carried = pending.count
    pending += bytes
    count += UInt64(pending.count - carried)
    let whole = pending.count / 64 * 64
    for start in stride(from: 0, to: whole, by: 64) { mix(start) }
    pending.removeFirst(whole)
  }

  /// The checksum of all bytes so far, as 32 hexadecimal digits.
  package func hexadecimal() -> String {
    var last = self
    let padding = (119 - Int(count % 64)) % 64 + 1
    last.update([0x80] + [UInt8](repeating: 0, count: padding - 1))
    last.update(withUnsafeBytes(of: (count &* 8).littleEndian, Array.init))
    return (0..<4).flatMap { word in
      (0..<4).map { byte in
        let value = UInt8(truncatingIfNeeded: last.state[word] >> UInt32(8 * byte))
        return String(value >> 4, radix: 16) + String(value & 15, radix: 16)
      }
    }.joined()
  }

  /// Mixes the 64 pending bytes from `start` into the state.
  private mutating func mix(_ start: Int) {
    let words = (0..<16).map { word in
      (0..<4).reduce(UInt32(0)) { $0 | UInt32(pending[start + 4 * word + $1]) << UInt32(8 * $1) }
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    for step in 0..<64 {
      let (mixed, word) =
        switch step / 16 {
        case 0: ((b & c) | (~b & d), step)
        case 1: ((d & b) | (~d & c), (5 * step + 1) % 16)
        case 2: (b ^ c ^ d, (3 * step + 5) % 16)
        default: (c ^ (b | ~d), 7 * step % 16)
        }
      let sum = a &+ mixed &+ Self.addends[step] &+ words[word]
      let rotation = Self.rotations[step / 16][step % 4]
      (a, d, c) = (d, c, b)
      b = b &+ (sum << rotation | sum >> (32 - rotation))
    }
    state = state &+ SIMD4(a, b, c, d)
  }
}
