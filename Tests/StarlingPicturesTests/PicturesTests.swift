import Starling
import StarlingPictures
import Testing

@Suite("Error curve")
struct ErrorCurveTests {
  @Test("each line is named at its end with its last value, and there is no legend")
  func names() throws {
    let chart = try Drawing.errorCurve(training: [0.251, 0.113, 0.012], test: [0.3, 0.2, 0.1])
    #expect(chart.strings.filter { $0.contains("training") } == ["training 0.012"])
    #expect(
      chart.strings.filter { $0.contains("test ") } == [
        "Training and test error after each of 3 epochs", "test 0.1",
      ])
    #expect(chart.strings.contains("error") && chart.strings.contains("epoch"))
  }

  @Test("names of lines that end together stand a line of text apart")
  func closeNames() throws {
    let chart = try Drawing.errorCurve(training: [0.5, 0.1], test: [0.4, 0.1])
    let one = try #require(chart.text("training 0.1")).position.y
    let other = try #require(chart.text("test 0.1")).position.y
    #expect(abs(one - other) >= 18)
  }

  @Test("more than two decades are drawn on a logarithmic axis, and it says so")
  func logarithmic() throws {
    #expect(try Drawing.errorCurve(training: [0.5, 0.001]).text("error, logarithmic") != nil)
    #expect(try Drawing.errorCurve(training: [0.5, 0.1]).text("error, logarithmic") == nil)
  }

  @Test("an error that is no number breaks the line, hatched and labelled")
  func gaps() throws {
    let errors = [0.5, 0.4, .nan, 0.3, 0.2]
    let chart = try Drawing.errorCurve(training: errors)
    let whole = try Drawing.errorCurve(training: [0.5, 0.4, 0.35, 0.3, 0.2])
    #expect(chart.text("NaN") != nil && whole.text("NaN") == nil)
    #expect(chart.polylines.count > whole.polylines.count + 20)
    let color = try #require(chart.text("training 0.2")).color
    #expect(chart.polylines.filter { $0.color == color }.map(\.points.count) == [2, 2])
    #expect(whole.polylines.filter { $0.color == color }.map(\.points.count) == [5])
  }

  @Test("an epoch without a test error is passed over, not a gap")
  func unmeasured() throws {
    let chart = try Drawing.errorCurve(training: [0.5, 0.4, 0.3], test: [0.5, nil, 0.3])
    let color = try #require(chart.text("test 0.3")).color
    #expect(chart.polylines.filter { $0.color == color }.map(\.points.count) == [2])
    #expect(chart.text("NaN") == nil)
    #expect(
      try Drawing.errorCurve(training: [0.5], test: [nil]).strings.allSatisfy {
        !$0.hasPrefix("test")
      })
  }

  @Test("one epoch is a dot, and no number at all still a picture")
  func few() throws {
    let one = try Drawing.errorCurve(training: [0.25])
    #expect(one.text("Training error after one epoch") != nil)
    #expect(one.text("training 0.25") != nil)
    #expect(try Drawing.errorCurve(training: [.nan, .infinity]).text("+∞, NaN") != nil)
  }

  @Test("no epoch, or unequal counts, are errors")
  func errors() throws {
    #expect(throws: PictureError.self) { try Drawing.errorCurve(training: []) }
    let error = try #require(throws: PictureError.self) {
      try Drawing.errorCurve(training: [0.1, 0.2], test: [0.1])
    }
    #expect(error.description.contains("for each of the 2 epochs, got 1"))
  }
}

@Suite("Prediction page")
struct PredictionPageTests {
  private func prediction(_ predicted: String, _ actual: String, grey: Float) -> PredictedImage {
    PredictedImage(
      image: plainImage(grey), predicted: predicted, confidence: 0.9987, actual: actual)
  }

  @Test("the words are the deck's")
  func words() throws {
    let page = try Drawing.predictionPage([
      PredictedImage(image: plainImage(), predicted: "0", confidence: 0.999, actual: "0")
    ])
    #expect(
      page.strings == ["Predictions", "1 image, none misread", "Prediction: 0, Confidence: 99.9%"])
  }

  @Test("mistakes come first, framed and told what they are; the others keep their order")
  func mistakesFirst() throws {
    let page = try Drawing.predictionPage(
      [
        prediction("1", "1", grey: 0.1), prediction("0", "0", grey: 0.2),
        prediction("0", "1", grey: 0.3), prediction("3", "8", grey: 0.4),
      ], columns: 3)
    #expect(page.images.map { $0.bitmap[0, 0] } == [0.3, 0.4, 0.1, 0.2].map { RGB(grey: $0) })
    #expect(
      page.strings.dropFirst(2) == [
        "Prediction: 0, Confidence: 99.9%", "it is a 1", "Prediction: 3, Confidence: 99.9%",
        "it is an 8", "Prediction: 1, Confidence: 99.9%", "Prediction: 0, Confidence: 99.9%",
      ])
    #expect(page.text("4 images, 2 of them misread, shown first") != nil)
    #expect(page.polylines.count == 2)
    let red = try #require(page.text("it is a 1")).color
    #expect(page.polylines.allSatisfy { $0.color == red })
    // Three in the first row, one below.
    let tops = page.images.map(\.box.y)
    #expect(tops[0] == tops[2] && tops[3] > tops[0] + page.images[0].box.height)
  }

  @Test("captions never reach into the next column, however long a class's name")
  func longNames() throws {
    let name = String(repeating: "golden retriever ", count: 3)
    let page = try Drawing.predictionPage(
      [prediction(name, name, grey: 0.1), prediction("a", "a", grey: 0.2)])
    let width = StrokeFont.width(of: page.texts[2].string, size: page.texts[2].size)
    #expect(page.images[1].box.x > page.images[0].box.x + width)
    #expect(page.width > page.images[1].box.right)
  }

  @Test("no image, no column, or an image of another kind are errors")
  func errors() {
    let good = prediction("0", "0", grey: 0)
    #expect(throws: PictureError.self) { try Drawing.predictionPage([]) }
    #expect(throws: PictureError.self) { try Drawing.predictionPage([good], columns: 0) }
    var bad = good
    bad.image = Tensor(zeros: [2, 3, 3])
    #expect(throws: PictureError.self) { try Drawing.predictionPage([bad]) }
  }
}

@Suite("Kernels")
struct KernelTests {
  @Test("zero is pinned, the ends lie equally far from it, and beyond them is no other colour")
  func colours() {
    let scale = SignedScale(fitting: [0.25, -2, .nan, -.infinity])
    #expect(scale.limit == 2)
    #expect(scale.color(-2) == RGB(0x2166AC))
    #expect(scale.color(0) == RGB(0xF7F7F7))
    #expect(scale.color(2) == RGB(0xB35806))
    #expect(scale.color(9) == scale.color(2))
    #expect(scale.color(1) == RGB(0xD5A87F))
    #expect(scale.color(.nan) == nil)
    #expect(SignedScale(fitting: [0, 0]).limit == 1)
    #expect(SignedScale(fitting: []).color(0) == RGB(0xF7F7F7))
  }

  @Test("each cell has its colour and its number with its sign, on one printed scale")
  func cells() throws {
    let kernels = try Tensor(
      [2, 1, 2, 2], elements: [1, -0.5, 0, 0.25, -0.004, 0.1, 0.2, 0.3])
    let grid = try Drawing.kernelGrid(kernels: kernels)
    #expect(
      grid.strings == [
        "Kernels", "2 kernels of 1×2×2", "+1.00", "−0.50", "0.00", "+0.25", "K 0", "−0.00",
        "+0.10", "+0.20", "+0.30", "K 1", "scale", "−1.00", "0", "+1.00",
      ])
    #expect(grid.images[0].bitmap[0, 0] == RGB(0xB35806))
    #expect(grid.images[0].bitmap[0, 1] == RGB(0xF7F7F7))
    // The second kernel's largest number is not the scale's end.
    #expect(grid.images[1].bitmap[1, 1] == SignedScale(fitting: [1]).color(0.3))
  }

  @Test("tiny and huge numbers are printed in a unit that is told")
  func units() throws {
    let grid = try Drawing.kernelGrid(
      kernels: Tensor([1, 1, 1, 2], elements: [0.00002, -0.00004]))
    #expect(grid.strings.contains("−4.00") && grid.text("scale, in units of 1e-5") != nil)
    let huge = try Drawing.kernelGrid(kernels: Tensor([1, 1, 1, 1], elements: [3e38]))
    #expect(huge.strings.contains("+3.00") && huge.text("scale, in units of 1e38") != nil)
  }

  @Test("what is no number is hatched and labelled, and does not stretch the scale")
  func notANumber() throws {
    let plain = try Drawing.kernelGrid(kernels: Tensor([1, 1, 1, 2], elements: [0.5, 0.1]))
    let grid = try Drawing.kernelGrid(kernels: Tensor([1, 1, 1, 2], elements: [0.5, .nan]))
    #expect(grid.text("NaN") != nil)
    #expect(grid.polylines.count > plain.polylines.count + 5)
    #expect(grid.text("+0.50") != nil)
    // The hatching stays in the second cell.
    let cell = try #require(grid.images.first).box
    let hatching = grid.polylines.dropLast().flatMap(\.points)
    #expect(
      hatching.allSatisfy { $0.x >= cell.x + cell.width / 2 - 1e-9 && $0.x <= cell.right + 1e-9 })
    #expect(hatching.allSatisfy { $0.y >= cell.y - 1e-9 && $0.y <= cell.bottom + 1e-9 })
  }

  @Test("of many kernels the first are shown, and the picture says so")
  func many() throws {
    let grid = try Drawing.kernelGrid(kernels: Tensor(zeros: [64, 16, 1, 1]))
    #expect(
      grid.text("64 kernels of 16×1×1, the first 32 shown, the first 8 of 16 inputs shown") != nil)
    #expect(grid.text("K 31,7") != nil && grid.text("K 32,0") == nil && grid.text("K 0,8") == nil)
  }

  @Test("large kernels show signs for numbers, and a page of them is no larger than a sheet")
  func large() throws {
    let grid = try Drawing.kernelGrid(kernels: Tensor([32, 1, 28, 28], filledWith: -0.5))
    #expect(grid.strings.contains("−") && grid.text("−0.50")?.position.y ?? 0 > grid.height - 60)
    #expect(grid.width < 4000 && grid.height < 2500)
  }

  @Test("another shape is an error that names it")
  func errors() throws {
    for shape: Shape in [[5, 3, 3], [0, 1, 3, 3], []] {
      let error = try #require(throws: PictureError.self) {
        try Drawing.kernelGrid(kernels: Tensor(zeros: shape))
      }
      #expect(error.description.hasSuffix("got \(shape)"))
    }
  }
}

@Suite("Feature maps")
struct FeatureMapTests {
  private let kernels = Tensor([2, 1, 3, 3], filledWith: -0.5)

  @Test("the image, and each kernel above its map; maps of 0…1 are grey")
  func grey() throws {
    let picture = try Drawing.featureMaps(
      image: plainImage(0.2), maps: Tensor([2, 1, 2], elements: [0, 1, 0.5, .nan]),
      kernels: kernels)
    let images = picture.images
    #expect(images[0].bitmap[0, 0] == RGB(grey: 0.2))
    #expect(images[1].bitmap[0, 0] == RGB(0x2166AC))
    #expect(images[2].bitmap[0, 0] == RGB(0) && images[2].bitmap[1, 0] == RGB(0xFFFFFF))
    #expect(images[4].bitmap[0, 0] == RGB(0x808080))
    #expect(images[1].box.x == images[2].box.x && images[1].box.bottom < images[2].box.y)
    #expect(picture.strings.contains("−") && picture.strings.contains("Y 1"))
    #expect(picture.polylines.count > 2)
  }

  @Test("signed maps share a scale of their own, which is printed")
  func signed() throws {
    let picture = try Drawing.featureMaps(
      image: plainImage(), maps: Tensor([2, 1, 1], elements: [-4, 1]), kernels: kernels,
      areSigned: true)
    #expect(picture.images[2].bitmap[0, 0] == RGB(0x2166AC))
    #expect(picture.images[4].bitmap[0, 0] == SignedScale(fitting: [4]).color(1))
    #expect(picture.strings.contains("+4.00") && picture.strings.contains("+0.50"))
  }

  @Test("maps that are not one for each kernel are an error")
  func errors() throws {
    let error = try #require(throws: PictureError.self) {
      try Drawing.featureMaps(
        image: plainImage(), maps: Tensor(zeros: [3, 2, 2]), kernels: kernels)
    }
    #expect(error.description.contains("expected 2 maps") && error.description.contains("3×2×2"))
    #expect(throws: PictureError.self) {
      try Drawing.featureMaps(
        image: Tensor(zeros: [4, 4]), maps: Tensor(zeros: [2, 2, 2]), kernels: kernels)
    }
  }
}

@Suite("Contact sheet")
struct ContactSheetTests {
  @Test("classes stand together behind their names, numbers by their value")
  func groups() throws {
    let labels = ["10", "2", "10", "1"]
    let sheet = try Drawing.contactSheet(
      images: [0.1, 0.2, 0.3, 0.4].map { plainImage($0) }, labels: labels)
    #expect(sheet.strings == ["Images", "4 images", "1", "2", "10"])
    #expect(sheet.images.map { $0.bitmap[0, 0] } == [0.4, 0.2, 0.1, 0.3].map { RGB(grey: $0) })
    #expect(sheet.images[2].box.y == sheet.images[3].box.y)
    #expect(sheet.images[1].box.y < sheet.images[2].box.y)
    #expect(sheet.images.allSatisfy { $0.box.right < sheet.width && $0.box.bottom < sheet.height })
  }

  @Test("a class wraps at the last column, and images without labels stand in order")
  func wraps() throws {
    let sheet = try Drawing.contactSheet(
      images: (0..<5).map { plainImage(Float($0) / 5) }, columns: 2)
    #expect(Set(sheet.images.map(\.box.y)).count == 3)
    #expect(sheet.images[0].box.x == sheet.images[2].box.x)
    #expect(sheet.images[3].bitmap[0, 0] == RGB(grey: 0.6))
  }

  @Test("a pixel that is no number is hatched")
  func notANumber() throws {
    let sheet = try Drawing.contactSheet(
      images: [Tensor([1, 2, 2], elements: [0, .nan, 0, 0]), plainImage()])
    #expect(!sheet.polylines.isEmpty)
    #expect(try Drawing.contactSheet(images: [plainImage()]).polylines.isEmpty)
  }

  @Test("no image, no column or missing labels are errors")
  func errors() {
    #expect(throws: PictureError.self) { try Drawing.contactSheet(images: []) }
    #expect(throws: PictureError.self) {
      try Drawing.contactSheet(images: [plainImage()], columns: 0)
    }
    #expect(throws: PictureError.self) {
      try Drawing.contactSheet(images: [plainImage()], labels: ["0", "1"])
    }
  }
}
