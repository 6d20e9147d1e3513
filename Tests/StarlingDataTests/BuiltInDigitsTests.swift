import Starling
import StarlingData
import Testing

@Suite("Built-in digits")
struct BuiltInDigitsTests {
  /// 28×28 bytes of one image, by its position in a data set.
  private func picture(_ position: Int, of data: Dataset) -> [UInt8] {
    Array(data.pixels[position * 784..<(position + 1) * 784])
  }

  @Test("the same seed makes the same bytes, another seed others")
  func seeds() throws {
    let first = try BuiltInDigits.load(trainPerClass: 30, testPerClass: 10, seed: 7)
    let again = try BuiltInDigits.load(trainPerClass: 30, testPerClass: 10, seed: 7)
    let other = try BuiltInDigits.load(trainPerClass: 30, testPerClass: 10, seed: 8)
    #expect(first.train.pixels == again.train.pixels)
    #expect(first.test.pixels == again.test.pixels)
    #expect(first.train.pixels != other.train.pixels)
    #expect(first.test.pixels != other.test.pixels)
  }

  @Test("an image is the same however many images and classes are made with it")
  func independence() throws {
    let few = try BuiltInDigits.load(classes: [3, 8], trainPerClass: 5, testPerClass: 3)
    let many = try BuiltInDigits.load(trainPerClass: 90, testPerClass: 7)
    for index in 0..<5 {
      #expect(picture(2 * index, of: few.train) == picture(10 * index + 3, of: many.train))
      #expect(picture(2 * index + 1, of: few.train) == picture(10 * index + 8, of: many.train))
    }
    for index in 0..<3 {
      #expect(picture(2 * index, of: few.test) == picture(10 * index + 3, of: many.test))
    }
  }

  @Test("no image occurs twice, neither within a half nor in both")
  func noRepetition() throws {
    let digits = try BuiltInDigits.load(trainPerClass: 150, testPerClass: 150)
    var seen: Set<[UInt8]> = []
    for half in [digits.train, digits.test] {
      for position in 0..<half.count { seen.insert(picture(position, of: half)) }
    }
    #expect(seen.count == 3000)
  }

  @Test("classes are interleaved in the order asked for, and are called by their digits")
  func classes() throws {
    let digits = try BuiltInDigits.load(classes: [7, 1, 4], trainPerClass: 2, testPerClass: 1)
    #expect(digits.train.classNames == ["7", "1", "4"])
    #expect(digits.train.labels == [0, 1, 2, 0, 1, 2])
    #expect(digits.test.labels == [0, 1, 2])
    #expect(digits.train.imageShape == [1, 28, 28])
    #expect(digits.train.preprocessing == .mnist)
    let ones = try BuiltInDigits.load(classes: [1], trainPerClass: 2, testPerClass: 1)
    #expect(picture(1, of: digits.train) == picture(0, of: ones.train))
  }

  @Test("without limits there are 6,000 training and 1,000 test images of a digit")
  func defaultCounts() throws {
    let digits = try BuiltInDigits.load(classes: [1])
    #expect(digits.train.count == 6000)
    #expect(digits.test.count == 1000)
  }

  @Test("every digit fills 20 pixels, and its centre of mass lies in the middle", arguments: 0...9)
  func placement(digit: Int) throws {
    var generator = SeededGenerator(seed: 11, stream: UInt64(digit))
    for _ in 0..<100 {
      let ink = try BuiltInDigits.image(of: digit, using: &generator).map(Double.init)
      #expect(ink.count == 784)
      let rows = (0..<28).filter { row in (0..<28).contains { ink[row * 28 + $0] > 0 } }
      let columns = (0..<28).filter { column in (0..<28).contains { ink[$0 * 28 + column] > 0 } }
      let height = try #require(rows.last) - (try #require(rows.first)) + 1
      let width = try #require(columns.last) - (try #require(columns.first)) + 1
      // MNIST's own longer sides are 20 pixels, a very few 19.
      #expect((19...20).contains(max(height, width)))
      let total = ink.reduce(0, +)
      let x = ink.indices.reduce(0) { $0 + Double($1 % 28) * ink[$1] } / total
      let y = ink.indices.reduce(0) { $0 + Double($1 / 28) * ink[$1] } / total
      // Half a pixel, and a little for rounding the ink to bytes.
      #expect(abs(x - 14) < 0.51 && abs(y - 14) < 0.51, "centre of mass \(x), \(y)")
    }
  }

  // The ink of MNIST's training digits, as a share of the picture: the mean of each class.
  @Test(
    "ink is as plentiful as in MNIST",
    arguments: zip(0...9, [0.173, 0.076, 0.149, 0.142, 0.121, 0.129, 0.137, 0.115, 0.150, 0.123]))
  func ink(digit: Int, mnist: Double) throws {
    let digits = try BuiltInDigits.load(classes: [digit], trainPerClass: 400, testPerClass: 1)
    let shares = (0..<400).map { position in
      picture(position, of: digits.train).reduce(0) { $0 + Double($1) } / 255 / 784
    }
    let mean = shares.reduce(0, +) / 400
    #expect(abs(mean - mnist) < 0.012, "mean ink \(mean), in MNIST \(mnist)")
    // 99 % of MNIST's digits of any class lie between 0.037 and 0.284.
    #expect(shares.count { $0 < 0.03 || $0 > 0.32 } < 8)
    let brightest = digits.train.pixels.max()
    #expect(brightest == 255)
  }

  @Test("a digit is told from the others by the nearest mean picture")
  func distinguishable() throws {
    let digits = try BuiltInDigits.load(trainPerClass: 150, testPerClass: 40)
    var means = [[Float]](repeating: [Float](repeating: 0, count: 784), count: 10)
    for position in 0..<digits.train.count {
      let image = digits.train[position].image.elements
      for pixel in 0..<784 { means[digits.train.labels[position]][pixel] += image[pixel] / 150 }
    }
    let lengths = means.map { mean in mean.reduce(0) { $0 + $1 * $1 } }
    var right = [Int](repeating: 0, count: 10)
    for position in 0..<digits.test.count {
      let image = digits.test[position].image.elements
      let scores = (0..<10).map { digit in
        zip(means[digit], image).reduce(-lengths[digit] / 2) { $0 + $1.0 * $1.1 }
      }
      let label = digits.test.labels[position]
      if scores.indices.max(by: { scores[$0] < scores[$1] }) == label { right[label] += 1 }
    }
    // MNIST's own figure, the nearest of ten means, is 82 %.
    #expect(right.reduce(0, +) > 230, "right of 40 each: \(right)")
    #expect(right.allSatisfy { $0 > 12 }, "right of 40 each: \(right)")
  }

  @Test("each digit has several ways of being written, whose keyframes fit each other")
  func skeletons() throws {
    #expect(Skeleton.digits.count == 10)
    for skeleton in Skeleton.digits {
      #expect(skeleton.groups.count >= 4)
      for group in skeleton.groups {
        #expect(group.weight > 0)
        for keyframe in group.keyframes {
          #expect(keyframe.isMixable(with: group.keyframes[0]))
          for knot in keyframe.strokes.joined() {
            #expect((0...1).contains(knot.position.x) && (0...1).contains(knot.position.y))
          }
        }
      }
    }
  }

  @Test("the notation of keyframes is read strictly")
  func notation() throws {
    let keyframe = try #require(Keyframe("12,6 82,3 / 44,100 + 30,50 70,48"))
    #expect(keyframe.strokes.map(\.count) == [3, 2])
    #expect(keyframe.strokes[0].map(\.isCorner) == [false, true, false])
    #expect(keyframe.strokes[0][1].position == SIMD2(0.82, 0.03))
    for nonsense in [
      "", "1,2", "1,2 3", "1,2 3,x 4,5", "/ 1,2 3,4", "1,2 3,4 +", "1,2,3 4,5", "1,x,2 4,5",
      "1,,2 4,5",
    ] {
      #expect(Keyframe(nonsense) == nil, "read \(nonsense)")
    }
    let straight = try #require(Keyframe("12,6 82,3 44,100 + 30,50 70,48"))
    #expect(!keyframe.isMixable(with: straight))
  }

  @Test("what is no digit, or no count, is an error that says what to give")
  func misuse() throws {
    func message(_ body: () throws -> Void) -> String {
      do {
        try body()
        return "no error"
      } catch {
        return "\(error)"
      }
    }
    var generator = SeededGenerator(seed: 1)
    let noDigit = "built-in digits: there is no digit 10; the classes are 0 to 9"
    #expect(message { _ = try BuiltInDigits.load(classes: [0, 10]) } == noDigit)
    #expect(message { _ = try BuiltInDigits.image(of: 10, using: &generator) } == noDigit)
    #expect(throws: DatasetError.self) { try BuiltInDigits.image(of: -1, using: &generator) }
    #expect(
      message { _ = try BuiltInDigits.load(classes: [1, 1]) }
        == "built-in digits, classes [1, 1]: name at least one of 0 to 9, and each once")
    #expect(throws: DatasetError.self) { try BuiltInDigits.load(classes: []) }
    #expect(
      message { _ = try BuiltInDigits.load(trainPerClass: 0) }
        == "built-in digits: 0 training images a class; give a number from 1 to 100000")
    for count in [-1, 0, 100_001, .max] {
      #expect(throws: DatasetError.self) {
        try BuiltInDigits.load(classes: [0], trainPerClass: 1, testPerClass: count)
      }
    }
  }
}
