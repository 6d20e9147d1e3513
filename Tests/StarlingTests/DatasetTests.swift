import Starling
import Testing

@Suite("Data sets")
struct DatasetTests {
  /// Five images of 1×2, of the classes 2, 0, 1, 0, 2.
  private func dataset() throws -> Dataset {
    try Dataset(
      imageShape: [1, 1, 2], pixels: [0, 1, 10, 11, 20, 21, 30, 31, 255, 41],
      labels: [2, 0, 1, 0, 2], classNames: ["a", "b", "c"],
      preprocessing: Preprocessing(scale: 0.5, placement: .wholePicture, isLightOnDark: true))
  }

  @Test("Images are scaled, in any order and as often as asked")
  func images() throws {
    let data = try dataset()
    #expect(data.count == 5 && !data.isEmpty)
    let batch = data.images([4, 0, 4])
    #expect(batch.shape == [3, 1, 1, 2])
    #expect(batch.elements == [127.5, 20.5, 0, 0.5, 127.5, 20.5])
    #expect(data[1].image == (try Tensor([1, 1, 2], elements: [5, 5.5])))
    #expect(data[1].label == 0)
    let mnist = try Dataset(
      imageShape: [1], pixels: [0, 255], labels: [0, 0], classNames: ["x"], preprocessing: .mnist)
    #expect(mnist.images([0, 1]).elements == [0, 1])
  }

  @Test("Images are written where a batch of them belongs, and nothing beside it")
  func writing() throws {
    let data = try dataset()
    let room = UnsafeMutableBufferPointer<Float>.allocate(capacity: 8)
    defer { room.deallocate() }
    room.initialize(repeating: -1)
    let start = try #require(room.baseAddress)
    data.write(images: [9, 3, 0, 3, 9][1...3], to: start + 1)
    #expect(Array(room) == [-1, 15, 15.5, 0, 0.5, 15, 15.5, -1])
    #expect((0..<5).map { data.label(at: $0) } == data.labels)
  }

  @Test("Targets are one-hot")
  func targets() throws {
    let targets = try dataset().targets([0, 1, 2])
    #expect(targets.shape == [3, 3])
    #expect(targets.elements == [0, 0, 1, 1, 0, 0, 0, 1, 0])
  }

  @Test("Chosen classes are numbered as they were named, in the order of the data")
  func choosing() throws {
    let chosen = try dataset().choosing(classes: [2, 0])
    #expect(chosen.classNames == ["c", "a"])
    #expect(chosen.labels == [0, 1, 1, 0])
    #expect(chosen.pixels == [0, 1, 10, 11, 30, 31, 255, 41])
    #expect(chosen.preprocessing == (try dataset().preprocessing))
    let limited = try dataset().choosing(classes: [2, 0], limitPerClass: 1)
    #expect(limited.labels == [0, 1])
    #expect(limited.pixels == [0, 1, 10, 11])
    #expect(try dataset().choosing(classes: [1], limitPerClass: 9).count == 1)
    #expect(try dataset().choosing(classes: [1], limitPerClass: 0).isEmpty)
  }

  @Test("A selection keeps the classes, and takes images in the order asked for")
  func selecting() throws {
    let selected = try dataset().selecting([3, 0])
    #expect(selected.labels == [0, 2])
    #expect(selected.pixels == [30, 31, 0, 1])
    #expect(selected.classNames == ["a", "b", "c"])
  }

  @Test("Counts that disagree, labels without a class, classes that are not there")
  func errors() throws {
    expect("2 labels need 8 pixels of images 1×2×2, got 7; give one label for each image") {
      try Dataset(
        imageShape: [1, 2, 2], pixels: [UInt8](repeating: 0, count: 7), labels: [0, 0],
        classNames: ["a"])
    }
    for label in [1, -1, .max] {
      expect("image 1 has the label \(label), but there are 1 classes; labels count from 0") {
        try Dataset(imageShape: [1], pixels: [0, 0], labels: [0, label], classNames: ["a"])
      }
    }
    for shape in [[0, 4], [-2, -2], [.max, .max]] as [Shape] {
      expect("images of shape \(shape) hold nothing; give each axis a length") {
        try Dataset(imageShape: shape, pixels: [], labels: [], classNames: ["a"])
      }
    }
    for unknown in [3, -1, .min] {
      expect("there is no class \(unknown); the classes are 0 to 2") {
        try dataset().choosing(classes: [0, unknown])
      }
    }
    expect("classes []: name at least one, and each once") { try dataset().choosing(classes: []) }
    expect("classes [1, 1]: name at least one, and each once") {
      try dataset().choosing(classes: [1, 1])
    }
  }

  private func expect(
    _ message: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Dataset
  ) {
    let error = #expect(throws: DatasetError.self, sourceLocation: sourceLocation) {
      _ = try body()
    }
    #expect(error?.description == message, sourceLocation: sourceLocation)
  }
}
