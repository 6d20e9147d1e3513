import Foundation
import Starling
import StarlingData
import Testing

@Suite("MNIST and folders of IDX files")
struct IDXFolderTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test("plain and gzipped files, in either half, are found and read", arguments: [true, false])
  func reads(_ gzipped: Bool) throws {
    try folder.writeMNIST(
      to: "set", trainLabels: [3, 1, 4], testLabels: [1, 5], side: 6, gzipped: gzipped)
    let split = try IDXFolder.load(directory: folder.url.appendingPathComponent("set"))
    #expect(split.train.labels == [3, 1, 4])
    #expect(split.test.labels == [1, 5])
    #expect(split.train.classNames == ["0", "1", "2", "3", "4", "5"])
    #expect(split.train.imageShape == [1, 6, 6])
    #expect(split.train.pixels.first == 3)
    #expect(split.train.preprocessing == .bytes)
  }

  @Test("classes are chosen and renumbered in both halves, the limit holds for training alone")
  func chooses() throws {
    try folder.writeMNIST(
      to: "mnist", trainLabels: [7, 2, 7, 9, 2, 7, 2], testLabels: [2, 7, 2, 7, 9, 2])
    let split = try IDXFolder.load(
      directory: folder.url.appendingPathComponent("mnist"), classes: [7, 2], limitPerClass: 2)
    #expect(split.train.labels == [0, 1, 0, 1])
    #expect(split.test.labels == [1, 0, 1, 0, 1])
    #expect(split.train.classNames == ["7", "2"])
    #expect(split.train.preprocessing == .mnist)
  }

  @Test("missing files are named, and labels and images must agree")
  func disagreeing() throws {
    try folder.writeMNIST(to: "set", trainLabels: [1, 2, 3], testLabels: [1], gzipped: false)
    let set = folder.url.appendingPathComponent("set")
    try IDX(lengths: [2], bytes: [1, 2]).write(
      to: set.appendingPathComponent("train-labels-idx1-ubyte"))
    expectError(
      FileError.self, holding: "train-labels-idx1-ubyte, byte 4", "3 labels", "found 2"
    ) { _ = try IDXFolder.load(directory: set) }
    try FileManager.default.removeItem(at: set.appendingPathComponent("t10k-images-idx3-ubyte"))
    expectError(FileError.self, holding: "set", "found no t10k-images-idx3-ubyte;") {
      _ = try IDXFolder.load(directory: set)
    }
    expectError(FileError.self, holding: "none of them") {
      _ = try IDXFolder.load(directory: folder.url)
    }
  }

  @Test("images of two sizes are an error")
  func sizes() throws {
    try folder.writeMNIST(to: "set", side: 5)
    try folder.writeMNIST(to: "other", side: 6)
    let name = "t10k-images-idx3-ubyte.gz"
    let set = folder.url.appendingPathComponent("set")
    try FileManager.default.removeItem(at: set.appendingPathComponent(name))
    try FileManager.default.copyItem(
      at: folder.url.appendingPathComponent("other/\(name)"), to: set.appendingPathComponent(name))
    expectError(FileError.self, holding: name, "5×5", "found 6×6") {
      _ = try IDXFolder.load(directory: set)
    }
  }

  @Test("class 10, a class twice, a class without images, and a limit of 0 are errors")
  func classes() async throws {
    try folder.writeMNIST(to: "mnist", testLabels: Array(0...8) + [9, 9])
    let location = DataLocation(directory: folder.url.path)
    for (classes, limit, part) in [
      ([10], nil, "no class 10"), ([-1], nil, "no class -1"), ([1, 1], nil, "each once"),
      ([], nil, "at least one"), ([1], 0, "limit of 0"), ([1], -3, "limit of -3"),
    ] as [([Int], Int?, String)] {
      let error = await #expect(throws: DatasetError.self) {
        try await MNIST.load(classes: classes, limitPerClass: limit, from: location)
      }
      expect(error, holds: [part])
    }
    try folder.writeMNIST(to: "set", trainLabels: [0, 2], testLabels: [0, 2])
    expectError(DatasetError.self, holding: "no training image", "1") {
      _ = try IDXFolder.load(directory: folder.url.appendingPathComponent("set"), classes: [1])
    }
  }

  @Test("MNIST is what has 28×28 pixels and ten classes")
  func notMNIST() async throws {
    for (labels, side) in [(Array(0...10), 28), ([0, 1], 28), (Array(0...9), 27)] {
      let labels = labels.map { UInt8($0) }
      try folder.writeMNIST(to: "mnist", trainLabels: labels, testLabels: labels, side: side)
      let error = await #expect(throws: FileError.self) {
        try await MNIST.load(from: DataLocation(directory: folder.url.path))
      }
      expect(error, holds: ["mnist", "28×28 and the labels 0 to 9"])
      try FileManager.default.removeItem(at: folder.url.appendingPathComponent("mnist"))
    }
  }

  @Test("the argument comes before STARLING_DATA, and that before the cache")
  func locations() {
    let both = DataLocation(directory: "a", environment: ["STARLING_DATA": "b", "HOME": "/h"])
    #expect(both.origin == .argument)
    #expect(both.folder.lastPathComponent == "a")
    let variable = DataLocation(environment: ["STARLING_DATA": "/b", "HOME": "/h"])
    #expect(variable.origin == .environment)
    #expect(variable.folder(of: "mnist").path == "/b/mnist")
    let empty = DataLocation(environment: ["STARLING_DATA": "", "HOME": "/h"])
    #expect(empty.origin == .cache)
    #if os(macOS)
      #expect(empty.folder.path == "/h/Library/Caches/starling")
    #else
      #expect(empty.folder.path == "/h/.cache/starling")
      let xdg = DataLocation(environment: ["XDG_CACHE_HOME": "/c", "HOME": "/h"])
      #expect(xdg.folder.path == "/c/starling")
      let relative = DataLocation(environment: ["XDG_CACHE_HOME": "c", "HOME": "/h"])
      #expect(relative.folder.path == "/h/.cache/starling")
    #endif
  }

  @Test("a folder that the user chose must have MNIST; the cache may lack it")
  func locate() throws {
    let home = ["HOME": folder.url.path]
    #expect(try MNIST.locate(in: DataLocation(environment: home)) == nil)
    let cache = DataLocation(environment: home).folder(of: "mnist")
    try folder.writeMNIST(to: "elsewhere")
    try FileManager.default.createDirectory(
      at: cache.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.moveItem(
      at: folder.url.appendingPathComponent("elsewhere"), to: cache)
    #expect(try MNIST.locate(in: DataLocation(environment: home)) != nil)
    for location in [
      DataLocation(directory: "no/data", environment: home),
      DataLocation(environment: ["STARLING_DATA": "no/data"]),
    ] {
      expectError(FileError.self, holding: "no/data/mnist", "train-images-idx3-ubyte") {
        _ = try MNIST.locate(in: location)
      }
    }
  }

  @Test(
    "the real MNIST: counts, order, and the deck's choice of zeros and ones",
    .enabled(if: realMNIST != nil, needsMNIST))
  func realMNISTFiles() async throws {
    let all = try await MNIST.load()
    #expect(all.train.count == 60_000)
    #expect(all.test.count == 10_000)
    #expect(Array(all.train.labels.prefix(10)) == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
    let deck = try await MNIST.load(classes: [0, 1], limitPerClass: 100)
    #expect(deck.train.count == 200)
    #expect(deck.test.count == 2_115)
    #expect(deck.train[0].image == all.train[1].image)
  }
}

@Suite("Folders of pictures")
struct ImageFolderTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// A file of one shade, of any size.
  func shade(_ value: Int, side: Int = 9) -> [UInt8] {
    TestPNG(width: side, height: side + 3).encoded(
      [Int](repeating: value, count: side * (side + 3)))
  }

  func write(_ counts: [String: Int], to root: String = "set") throws {
    for (name, count) in counts {
      for index in 0..<count {
        try folder.write(
          shade(name.utf8.reduce(0) { $0 + Int($1) } % 200 + index, side: 3 + index),
          to: "\(root)/\(name)/\(index).png")
      }
    }
  }

  var set: URL { folder.url.appendingPathComponent("set") }

  @Test("each folder is a class; a fifth of each is for testing, the same every time")
  func divides() throws {
    try write(["dog": 10, "cat": 5, "emu": 2])
    try folder.write([1], to: "set/.DS_Store")
    try folder.write([1], to: "set/cat/.hidden")
    try folder.write([1], to: "set/readme.txt")
    let split = try DataFolder.load(directory: set)
    #expect(split.train.classNames == ["cat", "dog", "emu"])
    #expect(split.train.labels == [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2])
    #expect(split.test.labels == [0, 1, 1, 2])
    #expect(split.train.imageShape == [1, 28, 28])
    let again = try ImageFolder.load(directory: set)
    #expect(again.train.pixels == split.train.pixels)
    // No picture is in both halves: each has a shade of its own.
    let shades = { (half: Dataset) in
      Set((0..<half.count).map { "\(half.labels[$0]) \(half.pixels[$0 * 784])" })
    }
    #expect(shades(split.train).isDisjoint(with: shades(split.test)))
    #expect(shades(split.train).union(shades(split.test)).count == 17)
  }

  @Test("train and test folders are the halves")
  func halves() throws {
    try write(["a": 2, "b": 1], to: "set/train")
    try write(["a": 1, "b": 2], to: "set/test")
    let split = try ImageFolder.load(directory: set, imageShape: [3, 4, 5], classes: [1])
    #expect(split.train.labels == [0])
    #expect(split.test.labels == [0, 0])
    #expect(split.train.classNames == ["b"])
    #expect(split.train.imageShape == [3, 4, 5])
    try write(["c": 1], to: "set/test")
    expectError(FileError.self, holding: "set/test", "a, b", "found a, b, c") {
      _ = try ImageFolder.load(directory: set)
    }
  }

  @Test("a picture is prepared as a picture met later is")
  func preparation() throws {
    var canvas = Canvas(width: 50, height: 40)
    canvas.fill(x: 5..<9, y: 8..<30)
    let png = TestPNG(width: 50, height: 40).encoded(canvas.pixels.map { Int($0) })
    for name in ["a/1.png", "a/2.png", "b/1.PNG", "b/2.png"] {
      try folder.write(png, to: "set/\(name)")
    }
    let split = try ImageFolder.load(directory: set, preprocessing: .mnist)
    let met = try canvas.picture.prepared(for: [1, 28, 28], by: .mnist)
    #expect(split.train[0].image == met)
    #expect(split.train.preprocessing == .mnist)
  }

  @Test("what is wrong in a folder is named")
  func wrong() throws {
    try write(["a": 3, "b": 3])
    let cases: [(String, [UInt8], [String])] = [
      ("a/bad.png", Array(shade(7).dropLast(20)), ["set/a/bad.png, byte", "cut"]),
      ("b/photo.jpg", [0xFF, 0xD8, 0xFF], ["set/b/photo.jpg", "convert it to PNG"]),
      (
        "b/jpeg.png", [0xFF, 0xD8, 0xFF], ["set/b/jpeg.png", "a JPEG picture", "convert it to PNG"]
      ),
      ("b/deeper/1.png", shade(7), ["set/b/deeper", "found a folder"]),
      ("c/1.png", shade(7), ["set/c", "two pictures"]),
      ("d/.hidden", [1], ["set/d", "found none"]),
    ]
    for (path, bytes, parts) in cases {
      let file = try folder.write(bytes, to: "set/\(path)")
      let error = #expect(throws: FileError.self) { try DataFolder.load(directory: set) }
      expect(error, holds: parts)
      try FileManager.default.removeItem(at: file)
      let parent = file.deletingLastPathComponent()
      if !["a", "b"].contains(parent.lastPathComponent) {
        try FileManager.default.removeItem(at: parent)
      }
    }
    expectError(FileError.self, holding: "set/a", "one folder of PNG pictures") {
      _ = try DataFolder.load(directory: set.appendingPathComponent("a"))
    }
    expectError(FileError.self, holding: "no/where", "no such file or folder") {
      _ = try DataFolder.load(directory: URL(fileURLWithPath: "no/where"))
    }
  }
}
