import CPNG
import Foundation
import Starling
import StarlingPictures
import Testing

/// What libpng reads from the bytes of a PNG file: its size and its RGB bytes.
private func decoded(_ file: [UInt8]) throws -> (width: Int, height: Int, bytes: [UInt8]) {
  var image = png_image()
  image.version = UInt32(PNG_IMAGE_VERSION)
  defer { png_image_free(&image) }
  try #require(png_image_begin_read_from_memory(&image, file, file.count) != 0)
  image.format = UInt32(PNG_FORMAT_FLAG_COLOR)
  var bytes = [UInt8](repeating: 0, count: Int(image.width) * Int(image.height) * 3)
  try #require(png_image_finish_read(&image, nil, &bytes, 0, nil) != 0)
  return (Int(image.width), Int(image.height), bytes)
}

@Suite("PNG")
struct PNGTests {
  @Test("a bitmap read back by libpng has the same pixels", arguments: [(1, 1), (7, 3), (64, 65)])
  func roundTrip(width: Int, height: Int) throws {
    var random = SeededGenerator(seed: 4)
    var bitmap = Bitmap(width: width, height: height, color: RGB(0))
    for y in 0..<height {
      for x in 0..<width { bitmap[x, y] = RGB(UInt32(random.index(below: 1 << 24))) }
    }
    let read = try decoded(bitmap.png())
    #expect(read.width == width && read.height == height)
    #expect(read.bytes == bitmap.bytes)
  }

  @Test("a drawing's file holds twice as many pixels as points")
  func scale() throws {
    let drawing = Drawing(title: "sheet", width: 30, height: 20.25, background: RGB(0x102030))
    let read = try decoded(drawing.bitmap().png())
    #expect(read.width == 60 && read.height == 41)
    #expect(read.bytes.prefix(3) == [0x10, 0x20, 0x30])
  }

  @Test("a file is written under its name, replaced as a whole, and nothing is left beside it")
  func file() throws {
    try withTemporaryFolder { folder in
      var drawing = Drawing(title: "sheet", width: 8, height: 8)
      let file = folder.appendingPathComponent("picture.png")
      try drawing.write(to: file)
      // A second name for the old file keeps the old picture: nobody wrote into it.
      let old = try Data(contentsOf: file)
      let link = folder.appendingPathComponent("link.png")
      try FileManager.default.linkItem(at: file, to: link)
      drawing.add(.rectangle(Box(x: 0, y: 0, width: 8, height: 8), fill: RGB(0xFF0000)))
      try drawing.write(to: file, scale: 1)
      try drawing.write(to: folder.appendingPathComponent("picture.SVG"))
      let read = try decoded([UInt8](Data(contentsOf: file)))
      #expect(read.width == 8)
      #expect(read.bytes.prefix(3) == [255, 0, 0])
      #expect(try Data(contentsOf: link) == old)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
          == ["link.png", "picture.SVG", "picture.png"])
    }
  }

  @Test("a folder that does not take the file is an error that names the file and the remedy")
  func unwritable() throws {
    try withTemporaryFolder { folder in
      let drawing = Drawing(title: "sheet", width: 8, height: 8)
      let plainFile = folder.appendingPathComponent("plain")
      try Data("kept".utf8).write(to: plainFile)
      for place in ["missing/picture.png", "plain/picture.svg"] {
        let file = folder.appendingPathComponent(place)
        let error = try #require(throws: PictureError.self) { try drawing.write(to: file) }
        #expect(
          error.description.hasPrefix(
            file.path + ": cannot be written: "))
        #expect(error.description.contains("folder"))
        #expect(!error.description.contains("\n"))
      }
      #expect(try Data(contentsOf: plainFile) == Data("kept".utf8))
    }
  }

  @Test("a name without .png or .svg is an error that says so")
  func unknownEnding() throws {
    let drawing = Drawing(title: "sheet", width: 8, height: 8)
    let error = try #require(throws: PictureError.self) {
      try drawing.write(to: URL(fileURLWithPath: "/picture.jpeg"))
    }
    #expect(
      error.description
        == "/picture.jpeg: a picture's name ends in .png or .svg; give it one of these endings")
  }

  @Test("a sheet without pixels, or with too many, is an error", arguments: [0, 1e-9, 1e6, .nan])
  func size(scale: Double) throws {
    let drawing = Drawing(title: "sheet", width: 80, height: scale < 1 ? 0 : 80)
    let error = try #require(throws: PictureError.self) { _ = try drawing.bitmap(scale: scale) }
    #expect(error.description.contains("between 1 and 100 million"))
  }

  @Test("an image is grey or RGB, and any other tensor an error that names its shape")
  func images() throws {
    let colour = try Bitmap(image: Tensor([3, 1, 2], elements: [0, 1, 0.2, 2, -1, .nan]))
    #expect(colour[0, 0] == RGB(red: 0, green: 51, blue: 0))
    #expect(colour[1, 0] == RGB(red: 255, green: 255, blue: 0))
    #expect(try Bitmap(image: Tensor([1, 1, 1], elements: [0.5]))[0, 0] == RGB(0x808080))
    for shape: Shape in [[2, 4, 4], [4, 4], [1, 0, 4]] {
      let error = try #require(throws: PictureError.self) {
        _ = try Bitmap(image: Tensor(zeros: shape))
      }
      #expect(error.description.contains("got \(shape);"))
    }
  }
}
