import StarlingPictures
import Testing

@Suite("Pixels")
struct CanvasTests {
  private let black = RGB(0)

  private func pixels(_ marks: Mark..., side: Double = 8) throws -> Bitmap {
    var drawing = Drawing(title: "sheet", width: side, height: side)
    for mark in marks { drawing.add(mark) }
    return try drawing.bitmap(scale: 1)
  }

  /// How much ink lies on a sheet, in pixels.
  private func ink(_ bitmap: Bitmap) -> Double {
    Double(bitmap.bytes.reduce(0) { $0 + 255 - Int($1) }) / 3 / 255
  }

  @Test("a rectangle covers pixels in part where its edges lie in them")
  func rectangle() throws {
    let sheet = try pixels(
      .rectangle(Box(x: 1.5, y: 2, width: 2, height: 1.25), fill: black))
    #expect(sheet[1, 2] == RGB(0x808080))
    #expect(sheet[2, 2] == black)
    #expect(sheet[3, 2] == RGB(0x808080))
    #expect(sheet[2, 3] == RGB(0xBFBFBF))
    #expect(sheet[0, 2] == RGB(0xFFFFFF) && sheet[4, 2] == RGB(0xFFFFFF))
    #expect(abs(ink(sheet) - 2.5) < 0.02)
  }

  @Test("a circle has the area of a circle")
  func circle() throws {
    let sheet = try pixels(.circle(center: Point(16, 15.3), radius: 9, fill: black), side: 32)
    #expect(abs(ink(sheet) - 9 * 9 * .pi) < 2)
  }

  @Test("a line is as dark whichever way it runs, and no darker where it crosses itself")
  func line() throws {
    let level = try pixels(
      .polyline([Point(4, 16), Point(28, 16)], color: black, width: 2), side: 32)
    let slanting = try pixels(
      .polyline([Point(7.5, 7.5), Point(24.47, 24.47)], color: black, width: 2), side: 32)
    #expect(abs(ink(level) - (24 * 2 + .pi)) < 1.5)
    #expect(abs(ink(slanting) - ink(level)) < 2)
    let twice = try pixels(
      .polyline([Point(4, 16), Point(28, 16), Point(4, 16)], color: black, width: 2), side: 32)
    #expect(twice == level)
  }

  @Test("a line of half a pixel is paler, not gone")
  func hairline() throws {
    let sheet = try pixels(.polyline([Point(0, 4.5), Point(8, 4.5)], color: black, width: 0.5))
    #expect(sheet[4, 4] == RGB(0x808080))
  }

  @Test("an image's pixels are sharp rectangles, and what lies off the sheet is left out")
  func image() throws {
    var image = Bitmap(width: 2, height: 1, color: RGB(0xFF0000))
    image[1, 0] = RGB(0x0000FF)
    let sheet = try pixels(.image(image, Box(x: -2, y: 6, width: 8, height: 100)))
    #expect(sheet[0, 6] == RGB(0xFF0000) && sheet[1, 7] == RGB(0xFF0000))
    #expect(sheet[2, 6] == RGB(0x0000FF) && sheet[5, 7] == RGB(0x0000FF))
    #expect(sheet[6, 6] == RGB(0xFFFFFF) && sheet[0, 5] == RGB(0xFFFFFF))
  }

  @Test("marks far off the sheet, or nowhere, leave it white")
  func offSheet() throws {
    let sheet = try pixels(
      .polyline([Point(1e300, 1e300), Point(-1e300, 1e300)], color: black, width: 3),
      .polyline([], color: black, width: 3),
      .rectangle(Box(x: .nan, y: 0, width: 4, height: .nan), fill: black),
      .circle(center: Point(-50, 4), radius: 3, fill: black))
    #expect(ink(sheet) == 0)
  }
}

@Suite("Letters")
struct StrokeFontTests {
  @Test("every printable ASCII character has a letter of its own, and so do the signs we write")
  func complete() {
    for byte in UInt8(0x20)...0x7E {
      #expect(StrokeFont.characters.contains(Character(Unicode.Scalar(byte))))
    }
    #expect(StrokeFont.characters.isSuperset(of: "×·–—…−±→∞"))
  }

  @Test("every letter but the space leaves ink, within its width and between its lines")
  func ink() throws {
    for character in StrokeFont.characters where character != " " {
      var drawing = Drawing(title: "letter", width: 60, height: 60)
      drawing.add(
        .text(Text(String(character), at: Point(20, 40), size: 22, color: RGB(0))))
      let sheet = try drawing.bitmap(scale: 1)
      var columns: [Int] = []
      var rows: [Int] = []
      for y in 0..<60 {
        for x in 0..<60 where sheet[x, y].red < 128 {
          columns.append(x)
          rows.append(y)
        }
      }
      let width = StrokeFont.width(of: String(character), size: 22)
      #expect(
        (columns.min() ?? 0) >= 19 && (columns.max() ?? 99) <= 20 + Int(width),
        "\(character) reaches beyond its width")
      #expect(
        (rows.min() ?? 0) >= 20 && (rows.max() ?? 99) <= 46, "\(character) is too high or low")
    }
  }

  @Test("letters stand on the baseline, wherever the text is anchored")
  func anchors() throws {
    func extent(_ anchor: Text.Anchor) throws -> (left: Int, right: Int, bottom: Int) {
      var drawing = Drawing(title: "letter", width: 100, height: 40)
      drawing.add(.text(Text("HHH", at: Point(50, 30), size: 22, color: RGB(0), anchor: anchor)))
      let sheet = try drawing.bitmap(scale: 1)
      let inked = (0..<4000).filter { sheet[$0 % 100, $0 / 100].red < 128 }
      let columns = inked.map { $0 % 100 }
      return (columns.min() ?? 0, columns.max() ?? 0, (inked.max() ?? 0) / 100)
    }
    let start = try extent(.start)
    #expect(start.left >= 50 && start.bottom == 29)
    let end = try extent(.end)
    #expect(end.right < 50 && end.bottom == 29)
    let middle = try extent(.middle)
    #expect(abs(middle.left + middle.right - 99) <= 1)
  }

  @Test("accents are left away, and what has no letter is a box")
  func fallback() throws {
    func bytes(_ string: String) throws -> [UInt8] {
      var drawing = Drawing(title: "letter", width: 60, height: 40)
      drawing.add(.text(Text(string, at: Point(5, 30), size: 20, color: RGB(0))))
      return try drawing.bitmap(scale: 1).bytes
    }
    #expect(try bytes("é") == bytes("e"))
    #expect(try bytes("字") == bytes("語"))
    #expect(try bytes("字") != bytes(""))
  }
}
