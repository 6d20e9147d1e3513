import Foundation
import Starling
import StarlingData
import Testing

/// A grey picture to draw test figures in.
struct Canvas {
  let width: Int
  let height: Int
  var pixels: [UInt8]

  init(width: Int, height: Int, ground: UInt8 = 0) {
    self.width = width
    self.height = height
    pixels = [UInt8](repeating: ground, count: width * height)
  }

  mutating func fill(x: Range<Int>, y: Range<Int>, with value: UInt8 = 255) {
    for row in y { for column in x { pixels[row * width + column] = value } }
  }

  /// Puts another canvas into this one.
  mutating func put(_ other: Canvas, x: Int, y: Int) {
    for row in 0..<other.height {
      for column in 0..<other.width {
        pixels[(y + row) * width + x + column] = other.pixels[row * other.width + column]
      }
    }
  }

  /// The same with every byte changed.
  func mapped(_ change: (UInt8) -> UInt8) -> Canvas {
    var result = self
    result.pixels = pixels.map(change)
    return result
  }

  /// The same, each pixel a square of them.
  func enlarged(_ factor: Int) -> Canvas {
    var result = Canvas(width: width * factor, height: height * factor)
    for y in 0..<result.height {
      for x in 0..<result.width {
        result.pixels[y * result.width + x] = pixels[y / factor * width + x / factor]
      }
    }
    return result
  }

  var picture: Picture {
    get throws {
      try Picture(name: "drawn.png", width: width, height: height, channels: 1, pixels: pixels)
    }
  }

  /// What a network that was trained on MNIST is shown, in bytes.
  var prepared: [Float] {
    get throws {
      try picture.prepared(for: [1, 28, 28], by: .mnist).elements.map { ($0 * 255).rounded() }
    }
  }
}

@Suite("Bringing pictures to what MNIST looks like")
struct PicturePreparationTests {
  /// A figure with a heavy end: no two of its sides are alike.
  static let figure: Canvas = {
    var canvas = Canvas(width: 60, height: 100)
    canvas.fill(x: 0..<12, y: 0..<100)
    canvas.fill(x: 0..<60, y: 80..<100, with: 200)
    canvas.fill(x: 12..<40, y: 40..<50, with: 120)
    return canvas
  }()

  static func placed(
    _ figure: Canvas = figure, x: Int = 20, y: Int = 20, width: Int = 200, height: Int = 180
  ) -> Canvas {
    var canvas = Canvas(width: width, height: height)
    canvas.put(figure, x: x, y: y)
    return canvas
  }

  @Test("the box is 20 high, the proportions stay, and the centre of mass is the middle")
  func placement() throws {
    let pixels = try Self.placed().prepared
    let columns = (0..<28).filter { x in (0..<28).contains { pixels[$0 * 28 + x] > 0 } }
    let rows = (0..<28).filter { y in (0..<28).contains { pixels[y * 28 + $0] > 0 } }
    #expect(rows.count == 20)
    #expect(columns.count == 12)
    #expect(pixels.max() == 255)
    let mass = pixels.reduce(0, +)
    let x = pixels.indices.reduce(0) { $0 + Float($1 % 28) * pixels[$1] } / mass
    let y = pixels.indices.reduce(0) { $0 + Float($1 / 28) * pixels[$1] } / mass
    #expect(abs(x - 14) <= 0.5)
    // The foot is so heavy that its middle would push the top out of the picture.
    #expect(rows.last.map { $0 <= 27 } == true)
    #expect(abs(y - 14) <= 0.5 || rows.first == 0)
  }

  @Test("each pixel is the mean of the area it covers: computed by hand")
  func areas() throws {
    // 40×40 into 20×20: means of 2×2. One corner pixel of each quadrant has another shade.
    var canvas = Canvas(width: 80, height: 80)
    canvas.fill(x: 20..<60, y: 20..<60)
    canvas.fill(x: 20..<21, y: 20..<21, with: 155)
    canvas.fill(x: 59..<60, y: 20..<21, with: 55)
    let pixels = try canvas.prepared
    // The centre of mass lies a little left of and below the square's middle, 9.5.
    let left = 5
    let top = 4
    #expect(pixels[top * 28 + left] == 230)
    #expect(pixels[top * 28 + left + 19] == 205)
    #expect(pixels[(top + 19) * 28 + left + 19] == 255)
    #expect(pixels[(top - 1) * 28 + left] == 0)
  }

  @Test("a drawing moved anywhere gives the same 784 numbers")
  func translation() throws {
    let expected = try Self.placed().prepared
    for (x, y) in [(1, 1), (139, 79), (1, 79), (139, 1), (33, 47), (70, 40), (97, 2)] {
      #expect(try Self.placed(x: x, y: y).prepared == expected)
    }
    #expect(try Self.placed(x: 300, y: 200, width: 1_000, height: 411).prepared == expected)
  }

  @Test("polarity, tint, contrast and channels make no difference")
  func tints() throws {
    let light = Self.placed()
    let expected = try light.prepared
    #expect(try light.mapped { 255 - $0 }.prepared == expected)
    for change: (UInt8) -> UInt8 in [
      { 230 - $0 / 2 }, { 40 + $0 / 2 }, { 250 - $0 / 4 }, { 120 + $0 / 5 },
    ] {
      let difference = zip(try light.mapped(change).prepared, expected).map { abs($0 - $1) }
      // Fewer shades are rounded more coarsely.
      #expect(difference.reduce(0, +) / 784 < 0.6)
      #expect((difference.max() ?? 0) <= 6)
    }
    let rgb = light.pixels.flatMap { [$0, $0, $0] }
    let coloured = try Picture(
      width: light.width, height: light.height, channels: 3, pixels: rgb)
    #expect(
      try coloured.prepared(for: [1, 28, 28], by: .mnist)
        == light.picture.prepared(for: [1, 28, 28], by: .mnist))
    // Blue ink on yellow paper.
    let ink = light.pixels.flatMap { $0 > 0 ? [20, 30, 160] : [240, 235, 150] as [UInt8] }
    let binary = light.mapped { $0 > 0 ? 255 : 0 }
    let blue = try Picture(width: light.width, height: light.height, channels: 3, pixels: ink)
    #expect(
      try blue.prepared(for: [1, 28, 28], by: .mnist)
        == binary.picture.prepared(for: [1, 28, 28], by: .mnist))
  }

  @Test("an enlarged drawing gives the same numbers as the drawing")
  func sizes() throws {
    let expected = try Self.placed().prepared
    #expect(try Self.placed().enlarged(3).prepared == expected)
    #expect(try Self.placed().enlarged(8).prepared == expected)
  }

  @Test("noise, specks of dust and a tinted ground hardly move the result")
  func noise() throws {
    var random = SeededGenerator(seed: 1)
    let clean = Self.placed().mapped { UInt8(220 - Int($0) * 180 / 255) }
    let expected = try clean.prepared
    var noisy = clean.mapped { UInt8(min(255, max(0, Double($0) + 5 * random.normal()))) }
    for (x, y) in [(3, 3), (190, 5), (150, 170), (100, 90)] {
      noisy.fill(x: x..<x + 2, y: y..<y + 2, with: 30)
    }
    let difference = zip(try noisy.prepared, expected).map { abs($0 - $1) }
    #expect(difference.reduce(0, +) / 784 < 4)
  }

  @Test("specks, around the drawing and within it, leave no trace")
  func specks() throws {
    var dusty = Self.placed()
    for (x, y) in [(3, 3), (190, 170), (60, 40), (70, 60)] {
      dusty.fill(x: x..<x + 4, y: y..<y + 4)
    }
    #expect(try dusty.prepared == Self.placed().prepared)
  }

  @Test("strokes as thin as hairs are widened to about two pixels, usual ones are left alone")
  func thinStrokes() throws {
    // A cross of two lines, 600 long, of some width: how bright is a line from side to side?
    func brightness(width: Int) throws -> Float {
      var canvas = Canvas(width: 700, height: 700)
      canvas.fill(x: 50..<650, y: 350..<350 + width)
      canvas.fill(x: 350..<350 + width, y: 50..<650)
      let pixels = try canvas.prepared
      let columns = (0..<28).filter { x in (0..<28).contains { pixels[$0 * 28 + x] > 127 } }
      let side = try #require(columns.first) + 3
      return (0..<28).reduce(0) { $0 + pixels[$1 * 28 + side] } / 255
    }
    for width in [1, 3, 9, 18, 30] {
      let brightness = try brightness(width: width)
      #expect((1.5...2.5).contains(brightness), "\(width): \(brightness)")
    }
    #expect(try abs(brightness(width: 75) - 2.5) < 0.1)
  }

  @Test("light that falls from one side makes no difference")
  func shading() throws {
    let flat = Self.placed().mapped { UInt8(200 - Int($0) * 100 / 255) }
    var shaded = flat
    for y in 0..<flat.height {
      for x in 0..<flat.width {
        shaded.pixels[y * flat.width + x] += UInt8(x * 40 / flat.width + y * 14 / flat.height)
      }
    }
    let difference = zip(try shaded.prepared, try flat.prepared).map { abs($0 - $1) }
    #expect(difference.reduce(0, +) / 784 < 2)
  }

  @Test("an empty picture, faint or even noise: there is nothing to see")
  func blank() throws {
    var random = SeededGenerator(seed: 2)
    let noise = Canvas(width: 300, height: 200, ground: 128)
      .mapped { UInt8(min(255, max(0, Double($0) + 12 * random.normal()))) }
    var faint = Canvas(width: 50, height: 50, ground: 200)
    faint.fill(x: 10..<20, y: 10..<40, with: 190)
    let pictures = [
      Canvas(width: 28, height: 28), Canvas(width: 300, height: 2, ground: 255),
      Canvas(width: 1, height: 1, ground: 77), noise, faint,
    ]
    for canvas in pictures {
      expectError(BlankPictureError.self, holding: "drawn.png", "nothing to see") {
        _ = try canvas.prepared
      }
    }
  }

  @Test("drawings of one pixel, one row or one column, and at the very border, are read")
  func extremes() throws {
    var dot = Canvas(width: 9, height: 9)
    dot.fill(x: 4..<5, y: 4..<5)
    #expect(try dot.prepared.filter { $0 == 255 }.count == 400)
    var row = Canvas(width: 100, height: 30)
    row.fill(x: 10..<90, y: 3..<4)
    let line = try row.prepared
    #expect(line.filter { $0 > 0 }.count == 40)
    var edge = Canvas(width: 40, height: 40)
    edge.fill(x: 0..<10, y: 0..<40)
    #expect(try edge.prepared.filter { $0 > 0 }.count == 100)
  }

  @Test("dark on light, and three channels, when that is what the network was trained on")
  func otherTargets() throws {
    let light = try Self.placed().prepared
    var preprocessing = Preprocessing.mnist
    preprocessing.isLightOnDark = false
    let dark = try Self.placed().picture.prepared(for: [1, 28, 28], by: preprocessing)
    #expect(dark.elements.map { 255 - ($0 * 255).rounded() } == light)
    let three = try Self.placed().picture.prepared(for: [3, 28, 28], by: .mnist)
    #expect(three.elements.map { ($0 * 255).rounded() } == light + light + light)
  }

  @Test("the whole picture is only scaled: to less by areas, to more between neighbours")
  func wholePicture() throws {
    let picture = try Picture(
      width: 4, height: 2, channels: 1, pixels: [10, 20, 100, 200, 30, 40, 100, 0])
    let half = try picture.prepared(for: [1, 1, 2], by: .bytes)
    #expect(half.elements.map { ($0 * 255).rounded() } == [25, 100])
    let same = try picture.prepared(for: [1, 2, 4], by: .bytes)
    #expect(same.elements.map { ($0 * 255).rounded() } == picture.pixels.map { Float($0) })
    // Two columns of three: each is one old column and half of the middle one.
    let uneven = try Picture(width: 3, height: 1, channels: 1, pixels: [0, 90, 240])
      .prepared(for: [1, 1, 2], by: .bytes)
    #expect(uneven.elements.map { ($0 * 255).rounded() } == [30, 190])
    let wider = try Picture(width: 2, height: 1, channels: 1, pixels: [0, 200])
      .prepared(for: [1, 1, 4], by: .bytes)
    #expect(wider.elements.map { ($0 * 255).rounded() } == [0, 50, 150, 200])
  }

  @Test("colours become planes, or grey by their luma")
  func colours() throws {
    let picture = try Picture(
      width: 2, height: 1, channels: 3, pixels: [255, 0, 10, 0, 255, 20])
    let planes = try picture.prepared(for: [3, 1, 2], by: .bytes)
    #expect(planes.elements.map { ($0 * 255).rounded() } == [255, 0, 0, 255, 10, 20])
    let grey = try picture.prepared(for: [1, 1, 2], by: .bytes)
    #expect(grey.elements.map { ($0 * 255).rounded() } == [78, 152])
  }

  @Test("a shape that is no picture's, or too small a box, is an error")
  func wrongShapes() throws {
    for shape: Shape in [[784], [2, 28, 28], [1, 0, 28], [1, 28, 28, 1], [1, 19, 28]] {
      expectError(DatasetError.self, holding: "drawn.png", "\(shape)") {
        _ = try Self.placed().picture.prepared(for: shape, by: .mnist)
      }
    }
    for box in [0, -1, 29, .max] {
      var preprocessing = Preprocessing.mnist
      preprocessing.placement = .centerOfMass(box: box)
      expectError(DatasetError.self, holding: "drawn.png", "box of \(box)") {
        _ = try Self.placed().picture.prepared(for: [1, 28, 28], by: preprocessing)
      }
    }
  }

  @Test(
    "real digits, ten times as large, off centre, dark on tinted paper, come back as they were",
    .enabled(if: realMNIST != nil, needsMNIST))
  func realDigits() throws {
    let test = try MNIST.load(#require(realMNIST)).test
    var (total, worst) = (Float(0), Float(0))
    let count = 100
    for index in 0..<count {
      var digit = Canvas(width: 28, height: 28)
      digit.pixels = Array(test.pixels[index * 784..<(index + 1) * 784])
      let shift = index % 7 * 11
      let paper = Self.placed(
        digit.enlarged(10), x: 5 + shift, y: 90 - shift, width: 400, height: 390
      ).mapped { UInt8(240 - Int($0) * 200 / 255) }
      let difference = zip(try paper.prepared, digit.pixels).map { abs($0 - Float($1)) }
      let mean = difference.reduce(0, +) / 784
      total += mean
      worst = max(worst, mean)
    }
    print(
      "mean absolute difference of \(count) digits, of 255: \(total / Float(count)), worst \(worst)"
    )
    #expect(total / Float(count) < 3)
  }
}
