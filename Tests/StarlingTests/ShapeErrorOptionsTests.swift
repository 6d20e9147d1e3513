import Starling
import Testing

@Suite("Strides, paddings, windows and rates that make no sense are errors that say what to do")
struct ShapeErrorOptionsTests {
  @Test("A kernel larger than its padded input, on either axis")
  func kernelTooLarge() {
    expect(
      "layer 1 (Convolution), kernel height: expected 1 to 6 for an input of 1×4×9 padded to 1×6×11, "
        + "got 7; use a kernel that fits the input",
      of: Convolution(depth: 1, kernelSize: 7, padding: 1))
    expect(
      "layer 1 (Convolution), kernel width: expected 1 to 13 for an input of 1×4×9 padded to 1×8×13, "
        + "got 14; use a kernel that fits the input",
      of: Convolution(depth: 1, kernelHeight: 8, kernelWidth: 14, padding: 2))
    fits(Convolution(depth: 1, kernelHeight: 8, kernelWidth: 13, padding: 2), [1, 1, 1])
  }

  @Test("A stride that does not move", arguments: [0, -1, .min])
  func stride(_ stride: Int) {
    expect(
      "layer 1 (Convolution), stride: expected 1 or more, got \(stride); "
        + "1 moves the kernel pixel by pixel",
      of: Convolution(depth: 1, kernelSize: 3, stride: stride))
    for recipe in [MaxPooling(stride: stride), AveragePooling(stride: stride)] as [any Recipe] {
      expect(
        "layer 1 (\(recipe.name)), stride: expected 1 or more, got \(stride); "
          + "1 moves the window pixel by pixel", of: recipe)
    }
  }

  @Test("A padding that no input can have", arguments: [-1, .min, 1 << 15, 1 << 31, 1 << 62, .max])
  func padding(_ padding: Int) {
    expect(
      "layer 1 (Convolution), padding: expected 0 or more, and at most 2³¹ elements in the padded "
        + "input, got \(padding); use half of the kernel's size, rounded down, to keep the size of "
        + "the input", of: Convolution(depth: 1, kernelSize: 3, padding: padding))
  }

  @Test("Strides and paddings as large as can be")
  func extremes() throws {
    fits(Convolution(depth: 2, kernelSize: 3, stride: .max), [2, 1, 1])
    fits(Convolution(depth: 2, kernelSize: 3, stride: .max, padding: 1000), [2, 1, 1])
    fits(Convolution(depth: 2, kernelSize: 1, stride: 3, padding: 1), [2, 2, 4])
    let network = try Network(input: [1, 2, 2], seed: 1) {
      Convolution(depth: 1, kernelSize: 1, stride: .max, padding: 1, bias: .none)
    }
    #expect(try network(Tensor([1, 1, 2, 2], filledWith: 1)).elements == [0])
  }

  @Test("A window that does not fit, or has no extent")
  func window() {
    for recipe in [MaxPooling(size: 5), AveragePooling(size: 5)] as [any Recipe] {
      expect(
        "layer 1 (\(recipe.name)), window height: expected 1 to 4 for an input of 1×4×9, got 5; "
          + "use a window that fits the input", of: recipe)
    }
    for size in [0, -1, .min] {
      expect(
        "layer 1 (MaxPooling), window height: expected 1 to 4 for an input of 1×4×9, got \(size); "
          + "use a window that fits the input", of: MaxPooling(size: size))
    }
    fits(MaxPooling(size: 4), [1, 1, 2])
    fits(AveragePooling(size: 3, stride: 2), [1, 1, 4])
  }

  @Test("What is no image")
  func noImage() {
    for recipe in [MaxPooling(size: 1), AveragePooling(size: 1)] as [any Recipe] {
      expect(
        "layer 1 (\(recipe.name)), input: expected depth×height×width, got 36; "
          + "put Reshape([depth, height, width]) before it", of: recipe, behind: Flatten())
    }
    expect(
      "layer 1 (BatchNormalization), input: expected depth×height×width, or one axis, got 6×6; "
        + "put Reshape([depth, height, width]) or Flatten() before it",
      of: BatchNormalization(), behind: Reshape([6, 6]))
  }

  @Test("Settings of batch normalization and dropout out of their range")
  func settings() {
    for momentum: Float in [-0.1, 1.5, .nan, .infinity] {
      expect(
        "layer 1 (BatchNormalization), momentum: expected 0 to 1, got \(momentum); 0.1 is usual",
        of: BatchNormalization(momentum: momentum))
    }
    for epsilon: Float in [0, -1, .nan, .infinity] {
      expect(
        "layer 1 (BatchNormalization), epsilon: expected a positive number, got \(epsilon); "
          + "1e-5 is usual", of: BatchNormalization(epsilon: epsilon))
    }
    for rate: Float in [-0.1, 1, 2, .nan, -.infinity] {
      expect(
        "layer 1 (Dropout), rate: expected 0 or more and less than 1, got \(rate); "
          + "0.5 drops every second number", of: Dropout(rate: rate))
    }
    fits(Dropout(rate: Float(1).nextDown), [1, 4, 9])
  }

  /// Expects an error of exactly this text for a layer behind another one, whose input is 1×4×9.
  private func expect(
    _ message: String, of recipe: any Recipe, behind first: any Recipe = Tanh(),
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: ShapeError.self, sourceLocation: sourceLocation) {
      try Network(input: [1, 4, 9], seed: 1, recipes: [first, recipe])
    }
    #expect(error?.description == message, sourceLocation: sourceLocation)
  }

  private func fits(
    _ recipe: any Recipe, _ output: Shape, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let found = try? Network(input: [1, 4, 9], seed: 1, recipes: [recipe]).outputShape
    #expect(found == output, sourceLocation: sourceLocation)
  }
}
