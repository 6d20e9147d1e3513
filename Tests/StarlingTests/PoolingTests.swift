import Starling
import Testing

@Suite("Pooling")
struct PoolingTests {
  private let image: [Float] = [
    1, 2, 9, 4, 0,
    5, 3, 7, 8, 0,
    -1, -2, -3, -4, 0,
    -5, -6, -2, -8, 0,
    6, 6, 6, 6, 6,
  ]

  @Test("Windows side by side: the last row and column of five are not seen")
  func touching() throws {
    let x = try Tensor([1, 1, 5, 5], elements: image)
    let dY = try Tensor([1, 1, 2, 2], elements: [10, 20, 30, 40])
    var run = try LayerRun(MaxPooling(), x: x, dY: dY)
    #expect(run.y.shape == [1, 1, 2, 2])
    #expect(run.y.elements == [5, 9, -1, -2])
    #expect(
      run.dX.elements == [
        0, 0, 20, 0, 0,
        10, 0, 0, 0, 0,
        30, 0, 0, 0, 0,
        0, 0, 40, 0, 0,
        0, 0, 0, 0, 0,
      ])
    run = try LayerRun(AveragePooling(), x: x, dY: dY)
    #expect(run.y.elements == [2.75, 7, -3.5, -4.25])
    #expect(
      run.dX.elements == [
        2.5, 2.5, 5, 5, 0,
        2.5, 2.5, 5, 5, 0,
        7.5, 7.5, 10, 10, 0,
        7.5, 7.5, 10, 10, 0,
        0, 0, 0, 0, 0,
      ])
  }

  @Test("Windows that overlap: a number gets the sum")
  func overlapping() throws {
    let x = try Tensor([1, 1, 5, 5], elements: image)
    let dY = try Tensor([1, 1, 2, 2], elements: [10, 20, 30, 40])
    var run = try LayerRun(MaxPooling(size: 3, stride: 2), x: x, dY: dY)
    #expect(run.y.elements == [9, 9, 6, 6])
    #expect(run.dX[0, 0, 0, 2] == 30)
    // The middle one of the last row is the first of the equal ones in its second window only.
    #expect(run.dX[0, 0, 4, 0] == 30 && run.dX[0, 0, 4, 2] == 40 && run.dX[0, 0, 4, 1] == 0)
    run = try LayerRun(AveragePooling(size: 3, stride: 2), x: x, dY: dY)
    #expect(abs(run.dX[0, 0, 2, 2] - 100.0 / 9) < 1e-5)
    #expect(abs(run.dX[0, 0, 2, 0] - 40.0 / 9) < 1e-5)
  }

  @Test("Of equal numbers the first in the order of rows gets the gradient")
  func ties() throws {
    for elements in [[3, 3, 3, 3], [1, 3, 3, 3], [1, 1, 3, 3], [-0.0, 0, 0, 0]] as [[Float]] {
      let run = try LayerRun(
        MaxPooling(), x: Tensor([1, 1, 2, 2], elements: elements),
        dY: Tensor([1, 1, 1, 1], filledWith: 1))
      var expected: [Float] = [0, 0, 0, 0]
      expected[elements.firstIndex(of: elements.max() ?? .nan) ?? 0] = 1
      #expect(run.dX.elements == expected)
    }
  }

  @Test("NaN is found, wherever it stands in its window", arguments: 0..<4)
  func notANumber(place: Int) throws {
    var elements: [Float] = [1, 2, 3, .infinity]
    elements[place] = .nan
    for recipe in [MaxPooling(), AveragePooling()] as [any Recipe] {
      let run = try LayerRun(
        recipe, x: Tensor([1, 1, 2, 2], elements: elements),
        dY: Tensor([1, 1, 1, 1], filledWith: 1))
      #expect(run.y.elements[0].isNaN, "\(recipe.name)")
    }
  }

  @Test("A window as large as the image, and steps larger than it")
  func extremes() throws {
    let x = Tensor.random([2, 3, 4, 4], seed: 1)
    for stride in [1, 4, 1000, .max] {
      let run = try LayerRun(
        MaxPooling(size: 4, stride: stride), x: x, dY: Tensor([2, 3, 1, 1], filledWith: 1))
      #expect(run.y.elements == (0..<6).compactMap { x.elements[$0 * 16..<$0 * 16 + 16].max() })
      #expect(run.dX.elements.count { $0 == 1 } == 6)
    }
    let same = try LayerRun(MaxPooling(size: 1), x: x, dY: x)
    #expect(same.y == x && same.dX == x)
  }
}
