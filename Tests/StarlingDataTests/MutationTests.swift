import Foundation
import Starling
import StarlingData
import Testing

/// Two thousand damaged files of each kind: an error or a result, never a trap.
@Suite("Damaged files")
struct MutationTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// Calls the body with cut, changed, lengthened and shuffled versions of a file; counts the errors.
  func errors(
    in whole: [UInt8], seed: UInt64, _ body: ([UInt8]) throws -> Void
  ) throws -> Int {
    var random = SeededGenerator(seed: seed)
    var errors = 0
    for _ in 0..<2_000 {
      var bytes = whole
      for _ in 0...random.index(below: 4) {
        switch random.index(below: 4) {
        case 0: bytes.removeLast(random.index(below: bytes.count + 1))
        case 1:
          bytes.insert(UInt8(random.index(below: 256)), at: random.index(below: bytes.count + 1))
        case 2 where !bytes.isEmpty:
          let start = random.index(below: bytes.count)
          bytes.removeSubrange(start..<min(bytes.count, start + 1 + random.index(below: 8)))
        default:
          guard !bytes.isEmpty else { continue }
          bytes[random.index(below: bytes.count)] ^= 1 << UInt8(random.index(below: 8))
        }
      }
      do {
        try body(bytes)
      } catch let error as any StarlingError {
        errors += 1
        #expect(!error.description.contains("\n"))
      }
    }
    return errors
  }

  @Test("IDX files")
  func idx() throws {
    let errors = try errors(in: IDXTests.images, seed: 1) { bytes in
      _ = try IDX(contentsOf: folder.write(bytes, to: "images"), axes: 3)
    }
    // Pixels have no checksum: a changed one is another picture.
    #expect((1_200..<2_000).contains(errors))
  }

  @Test("gzipped IDX files")
  func gzip() throws {
    let file = folder.url.appendingPathComponent("whole")
    try IDX(lengths: [300], bytes: (0..<300).map { UInt8($0 * $0 & 255) })
      .write(to: file, gzipped: true)
    let whole = try [UInt8](Data(contentsOf: file))
    let errors = try errors(in: whole, seed: 2) { bytes in
      let labels = try IDX(contentsOf: folder.write(bytes, to: "labels"), axes: 1)
      #expect(labels.bytes.count == 300)
    }
    #expect(errors > 1_800)
  }

  @Test("PNG files, with their checksums and with checksums made to fit")
  func png() throws {
    let png = TestPNG(
      width: 9, height: 7, colour: .palette, bitDepth: 4, isInterlaced: true,
      palette: (0..<48).map { UInt8($0 * 5) }, paletteAlpha: [0, 128])
    let whole = png.encoded((0..<63).map { $0 % 16 })
    #expect(try errors(in: whole, seed: 3) { _ = try Picture(png: $0, name: "p.png") } > 1_800)
    let header = Array(whole[16..<29])
    let errors = try errors(in: header, seed: 4) { bytes in
      let file = Array(whole[..<8]) + TestPNG.chunk("IHDR", bytes) + whole[33...]
      let picture = try Picture(png: file, name: "p.png")
      #expect(picture.pixels.count == picture.width * picture.height * picture.channels)
    }
    #expect(errors > 1_500)
  }
}
