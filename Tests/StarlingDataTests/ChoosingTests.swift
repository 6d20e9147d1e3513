import Starling
import StarlingData
import Testing

@Suite("Classes chosen from both halves of a data set")
struct ChoosingTests {
  private func half(_ labels: [Int]) throws -> Dataset {
    try Dataset(
      imageShape: [1, 1, 1], pixels: labels.map { UInt8($0) }, labels: labels,
      classNames: ["a", "b", "c"])
  }

  @Test("A named class that nothing can be learned of is an error; a gap that nobody named is not")
  func gaps() throws {
    let split = DatasetSplit(train: try half([0, 2, 0]), test: try half([0, 2]))
    let error = #expect(throws: DatasetError.self) { try split.choosing(classes: [0, 1]) }
    #expect(error?.description.hasPrefix("there is no training image of the class b; ") == true)
    #expect(try split.choosing().train.count == 3)
    #expect(try split.choosing(classes: [2]).train.pixels == [2])
  }

  @Test("A half without an image of the chosen classes is an error")
  func emptyHalf() throws {
    let split = DatasetSplit(train: try half([0, 1]), test: try half([1]))
    let error = #expect(throws: DatasetError.self) { try split.choosing(classes: [0]) }
    #expect(error?.description.hasPrefix("there is no test image of the classes a; ") == true)
  }
}
