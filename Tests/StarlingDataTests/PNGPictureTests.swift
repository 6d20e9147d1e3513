import Foundation
import Starling
import StarlingData
import Testing

@Suite("PNG pictures")
struct PNGPictureTests {
  /// A gradient whose samples use all of a bit depth.
  static func samples(_ png: TestPNG) -> [Int] {
    let largest = (1 << png.bitDepth) - 1
    let step = largest > 255 ? 7_919 : 37
    return (0..<png.width * png.height * png.colour.channels).map { $0 * step % (largest + 1) }
  }

  static func sizes(_ picture: Picture) -> [Int] {
    [picture.width, picture.height, picture.channels]
  }

  @Test("grey of every bit depth, interlaced or not", arguments: [1, 2, 4, 8, 16], [false, true])
  func grey(_ bitDepth: Int, _ isInterlaced: Bool) throws {
    let png = TestPNG(width: 11, height: 9, bitDepth: bitDepth, isInterlaced: isInterlaced)
    let samples = Self.samples(png)
    let picture = try Picture(png: png.encoded(samples), name: "grey.png")
    let largest = (1 << bitDepth) - 1
    #expect(Self.sizes(picture) == [11, 9, 1])
    for (sample, pixel) in zip(samples, picture.pixels) {
      #expect(
        abs(Double(sample) * 255 / Double(largest) - Double(pixel)) <= 0.5)
    }
  }

  @Test("colour of both bit depths, interlaced or not", arguments: [8, 16], [false, true])
  func rgb(_ bitDepth: Int, _ isInterlaced: Bool) throws {
    let png = TestPNG(
      width: 5, height: 7, colour: .rgb, bitDepth: bitDepth, isInterlaced: isInterlaced)
    let samples = Self.samples(png)
    let picture = try Picture(png: png.encoded(samples), name: "rgb.png")
    #expect(Self.sizes(picture) == [5, 7, 3])
    for (sample, pixel) in zip(samples, picture.pixels) {
      #expect(
        abs(Double(sample) * 255 / Double((1 << bitDepth) - 1) - Double(pixel)) <= 0.5)
    }
  }

  @Test("a palette's colours, at every bit depth", arguments: [1, 2, 4, 8])
  func palette(_ bitDepth: Int) throws {
    let png = TestPNG(
      width: 3, height: 2, colour: .palette, bitDepth: bitDepth,
      palette: [10, 20, 30, 200, 100, 50])
    let picture = try Picture(png: png.encoded([0, 1, 0, 1, 1, 0]), name: "palette.png")
    let (a, b): ([UInt8], [UInt8]) = ([10, 20, 30], [200, 100, 50])
    #expect(picture.pixels == a + b + a + b + b + a)
  }

  @Test("what is transparent shows white ground")
  func alpha() throws {
    let rgba = TestPNG(width: 3, height: 1, colour: .rgba)
    let colour = try Picture(
      png: rgba.encoded([9, 9, 9, 0, 100, 0, 200, 255, 0, 0, 0, 51]), name: "rgba.png")
    #expect(colour.pixels == [255, 255, 255, 100, 0, 200, 204, 204, 204])
    let grey = TestPNG(width: 2, height: 1, colour: .greyAlpha)
    #expect(try Picture(png: grey.encoded([0, 0, 30, 255]), name: "ga.png").pixels == [255, 30])
    let palette = TestPNG(
      width: 2, height: 1, colour: .palette, palette: [7, 7, 7, 8, 8, 8], paletteAlpha: [0, 255])
    #expect(
      try Picture(png: palette.encoded([0, 1]), name: "p.png").pixels == [255, 255, 255, 8, 8, 8])
  }

  @Test(
    "sixteen bits with alpha are laid on white as eight are, interlaced or not",
    arguments: [false, true])
  func deepAlpha(_ isInterlaced: Bool) throws {
    for colour in [TestPNG.Colour.greyAlpha, .rgba] {
      let png = TestPNG(width: 7, height: 9, colour: colour, isInterlaced: isInterlaced)
      var deep = png
      deep.bitDepth = 16
      let samples = Self.samples(png)
      let expected = try Picture(png: png.encoded(samples), name: "8.png")
      let picture = try Picture(png: deep.encoded(samples.map { $0 * 257 }), name: "16.png")
      #expect(picture.channels == colour.channels - 1)
      for (one, other) in zip(picture.pixels, expected.pixels) {
        #expect(abs(Int(one) - Int(other)) <= 1)
      }
    }
  }

  @Test("notes on gamma change nothing")
  func gamma() throws {
    let whole = TestPNG(width: 1, height: 2).encoded([50, 100])
    let gamma = TestPNG.chunk("gAMA", TestPNG.word(100_000))
    let picture = try Picture(png: whole[..<33] + gamma + whole[33...], name: "g.png")
    #expect(picture.pixels == [50, 100])
  }

  @Test("white ink on nothing shows on black")
  func whiteInk() throws {
    let png = TestPNG(width: 2, height: 1, colour: .greyAlpha)
    #expect(try Picture(png: png.encoded([255, 0, 255, 255]), name: "w.png").pixels == [0, 255])
  }

  @Test("a file cut at any byte is an error that names it")
  func cut() {
    let whole = TestPNG(width: 4, height: 4).encoded([Int](repeating: 7, count: 16))
    for count in 0..<whole.count {
      expectError(FileError.self, holding: "digit.png, byte") {
        _ = try Picture(png: Array(whole.prefix(count)), name: "digit.png")
      }
    }
  }

  @Test("a file with any one byte changed is an error")
  func corrupt() throws {
    let whole = TestPNG(width: 4, height: 4).encoded([Int](repeating: 7, count: 16))
    for position in whole.indices {
      var bytes = whole
      bytes[position] ^= 0x20
      expectError(FileError.self, holding: "digit.png") {
        _ = try Picture(png: bytes, name: "digit.png")
      }
    }
  }

  @Test("whole chunks around pixel data that are too few, or damaged, are an error")
  func badPixels() {
    let small = TestPNG(width: 4, height: 4).encoded([Int](repeating: 7, count: 16))
    let large = TestPNG(width: 4, height: 8).encoded([Int](repeating: 7, count: 32))
    // The header of the larger picture, the pixels of the smaller.
    expectError(FileError.self, holding: "digit.png", "corrupt") {
      _ = try Picture(png: Array(large[..<33] + small[33...]), name: "digit.png")
    }
    let noise =
      Array(small[..<33]) + TestPNG.chunk("IDAT", [0x78, 1, 7, 7, 7, 7]) + TestPNG.chunk("IEND", [])
    expectError(FileError.self, holding: "digit.png", "corrupt") {
      _ = try Picture(png: noise, name: "digit.png")
    }
    let none = Array(small[..<33]) + TestPNG.chunk("IEND", [])
    expectError(FileError.self, holding: "digit.png", "corrupt") {
      _ = try Picture(png: none, name: "digit.png")
    }
  }

  @Test("other kinds of file are named for what they are")
  func notPNG() {
    let kinds: [([UInt8], String)] = [
      ([0xFF, 0xD8, 0xFF, 0xE0, 0, 16], "a JPEG picture"), (Array("GIF89a".utf8), "a GIF picture"),
      (Array("hello".utf8), "other data"), ([], "an empty file"),
    ]
    for (bytes, kind) in kinds {
      expectError(FileError.self, holding: "digit.jpg", "expected a PNG picture", kind) {
        _ = try Picture(png: bytes, name: "digit.jpg")
      }
    }
  }

  @Test("a picture that says it is enormous is refused before memory is taken for it")
  func bomb() {
    for (width, height) in [
      (1 << 14, 1 << 13), (0x7FFF_FFFF, 0x7FFF_FFFF), (0xFFFF_FFFF, 0xFFFF_FFFF), (0, 5), (5, 0),
    ] {
      var bytes = TestPNG(width: 4, height: 4).encoded([Int](repeating: 7, count: 16))
      let header = TestPNG.word(width) + TestPNG.word(height) + [8, 0, 0, 0, 0]
      bytes.replaceSubrange(8..<33, with: TestPNG.chunk("IHDR", header))
      expectError(FileError.self, holding: "digit.png, byte 16", "\(width)×\(height)") {
        _ = try Picture(png: bytes, name: "digit.png")
      }
    }
  }

  @Test("a file is read under the name that the user gave; a missing one is an error")
  func files() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(TestPNG(width: 1, height: 1).encoded([9]), to: "one.png")
    #expect(try Picture(contentsOf: file).pixels == [9])
    expectError(FileError.self, holding: "no/where.png: expected a file") {
      _ = try Picture(contentsOf: URL(fileURLWithPath: "no/where.png"))
    }
    let line = try folder.write([1, 2, 3], to: "two\nlines.png")
    expectError(FileError.self, holding: "two\\u{a}lines.png") {
      _ = try Picture(contentsOf: line)
    }
  }
}
