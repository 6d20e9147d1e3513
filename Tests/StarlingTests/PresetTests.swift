import Starling
import Testing

@Suite("Presets")
struct PresetTests {
  /// What comes out of each layer, and how many numbers can be learned, without drawing them.
  private func walk(_ preset: Preset, classes: Int? = nil) throws -> (shapes: [Shape], count: Int) {
    var (shapes, count) = ([preset.inputShape], 0)
    for recipe in preset.recipes(classes: classes ?? preset.classes.count) {
      let input = shapes[shapes.count - 1]
      shapes.append(try recipe.outputShape(for: input))
      for tensor in recipe.parameterSpecifications(for: input) where tensor.kind == .learned {
        count += tensor.shape.count
      }
    }
    return (Array(shapes.dropFirst()), count)
  }

  @Test("Each has as many parameters as its namesakes elsewhere")
  func parameterCounts() throws {
    #expect(try walk(.zeroOne).count == 341_727)
    #expect(try walk(.lenet5).count == 61_706)
    #expect(try walk(.convnet).count == 34_826)
    let convolutions = 9 * (3 * 64 + 64 * 64 + 64 * 128 + 128 * 128 + 128 * 256 + 256 * 256)
    let normalizations = 2 * 2 * (64 + 128 + 256)
    #expect(try walk(.vgg).count == convolutions + normalizations + 4096 * 10 + 10)
  }

  @Test("Each ends with a number for each class, however many", arguments: Preset.allCases)
  func classes(preset: Preset) throws {
    #expect(try walk(preset).shapes.last == [preset.classes.count])
    #expect(try walk(preset, classes: 3).shapes.last == [3])
  }

  @Test("Each is known by its name")
  func names() {
    #expect(Preset.allCases.map(\.rawValue) == ["zero-one", "lenet5", "convnet", "vgg"])
  }

  @Test("The feature maps of LeNet-5 are the paper's, and the VGG halves its own three times")
  func shapes() throws {
    let maps = try walk(.lenet5).shapes.filter { $0.rank == 3 }
    #expect(
      maps == [
        [6, 28, 28], [6, 28, 28], [6, 14, 14], [16, 10, 10], [16, 10, 10], [16, 5, 5],
      ])
    let (recipes, shapes) = (Preset.vgg.recipes(classes: 10), try walk(.vgg).shapes)
    let pooled = zip(recipes, shapes).filter { $0.0 is MaxPooling }.map(\.1)
    #expect(pooled == [[64, 16, 16], [128, 8, 8], [256, 4, 4]])
  }
}
