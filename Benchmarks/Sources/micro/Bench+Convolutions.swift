import CStarlingKernels
import Starling

/// A convolution with 3 × 3 kernels as a network of the presets has it.
private struct Layer {
  let network: String
  let inputDepth, depth, side, padding, batch: Int

  var size: String { "\(network) \(inputDepth) → \(depth) at \(side)²" }

  static let all = [
    Layer(network: "vgg", inputDepth: 64, depth: 64, side: 32, padding: 1, batch: 4),
    Layer(network: "vgg", inputDepth: 128, depth: 128, side: 16, padding: 1, batch: 4),
    Layer(network: "vgg", inputDepth: 256, depth: 256, side: 8, padding: 1, batch: 8),
    Layer(network: "convnet", inputDepth: 32, depth: 64, side: 13, padding: 0, batch: 16),
  ]
}

extension Bench {
  /// Convolutions straight from the definition, in each layout.
  mutating func measureDirectConvolutions() {
    for layer in Layer.all { measureChannelsLast(layer) }
    measureBatchLast("lenet5 1 → 6 at 28², 5×5", channels: 1, depth: 6, side: 28, padding: 2)
    measureBatchLast("lenet5 6 → 16 at 14², 5×5", channels: 6, depth: 16, side: 14, padding: 0)
    measureRows()
  }

  private mutating func measureChannelsLast(_ layer: Layer) {
    let rig = Rig()
    let x = rig.layout.activation(
      .channelsLast, batch: layer.batch, channels: layer.inputDepth, height: layer.side,
      width: layer.side, border: layer.padding)
    let convolution = PixelConvolution(
      Pixels(x), depth: layer.depth, kernelHeight: 3, kernelWidth: 3, padding: layer.padding)
    let weight = rig.tensor(9 * layer.inputDepth * layer.depth)
    let bias = rig.tensor(layer.depth)
    let packed = ChannelsLastPack(convolution, weight: weight, bias: bias, in: &rig.layout)
    let y = rig.layout.activation(
      .channelsLast, batch: layer.batch, channels: layer.depth,
      height: convolution.outputHeight, width: convolution.outputWidth)
    let forward = ChannelsLastForward(
      packed, to: Pixels(y), isReLU: true, in: &rig.layout, workers: 1)
    let gradient = ChannelsLastKernelGradient(convolution, dY: Pixels(y), in: &rig.layout)
    let inputGradient = ChannelsLastInputGradient.steps(
      convolution, dY: Pixels(y), to: Pixels(x), weight: weight, in: &rig.layout, workers: 1)
    let memory = rig.memory()
    packed.run(memory, .only)
    measure("direct, channelsLast: forward", layer.size, forward, memory)
    measure("direct, channelsLast: dE/dK", layer.size, gradient, memory)
    measure(
      "direct, channelsLast: dE/dX", layer.size,
      multiplyAdds: inputGradient.reduce(0) { $0 + $1.multiplyAdds }
    ) {
      for step in inputGradient { step.run(memory, .only) }
    }
  }

  private mutating func measureBatchLast(
    _ size: String, channels: Int, depth: Int, side: Int, padding: Int
  ) {
    let rig = Rig()
    let x = rig.layout.activation(
      .batchLast, batch: 64, channels: channels, height: side, width: side, border: padding)
    let convolution = BatchLastConvolution(
      x: x, depth: depth, kernelHeight: 5, kernelWidth: 5, padding: padding)
    let weight = rig.tensor(25 * channels * depth)
    let bias = rig.tensor(depth)
    let packing = BatchLastPacking(convolution, weight: weight, backward: nil, in: &rig.layout)
    let y = rig.layout.activation(
      .batchLast, batch: 64, channels: depth, height: convolution.outputHeight,
      width: convolution.outputWidth)
    let pooled = rig.layout.activation(
      .batchLast, batch: 64, channels: depth, height: convolution.outputHeight / 2,
      width: convolution.outputWidth / 2)
    let forward = BatchLastForward(
      convolution, kernels: packing.forward, bias: bias, relu: true, y: y)
    let pooledForward = BatchLastPooledForward(
      convolution, kernels: packing.forward, bias: bias, relu: true, y: pooled, isTraining: true,
      in: &rig.layout)
    let memory = rig.memory()
    packing.run(memory, .only)
    measure("direct, batchLast: forward", size, forward, memory)
    measure("direct and pooled, batchLast: forward", size, pooledForward, memory)
  }

  /// The first layer of the deck's network: maps in rows.
  private mutating func measureRows() {
    let loops = starling_rows_loops(set).pointee
    let (side, kernels) = (26, 5)
    let (x, k, dK) = (Floats(28 * 28), Floats(9 * kernels), Floats(9 * kernels))
    let (bias, y) = (Floats(kernels * side * side), Floats(kernels * side * side))
    var rows = starling_rows()
    rows.x = UnsafePointer(x.start)
    (rows.x_plane, rows.x_row, rows.y_row) = (28 * 28, 28, side)
    (rows.channels, rows.kernel_height, rows.kernel_width) = (1, 3, 3)
    (rows.height, rows.width) = (side, side)
    let size = "zero-one 1 → 5 at 28²"
    let multiplyAdds = 9 * kernels * side * side
    measure("direct, rows: forward", size, multiplyAdds: multiplyAdds) {
      for j in 0..<kernels {
        let map = j * side * side
        loops.forward(
          &rows, k.start + 9 * j, bias.start + map, side, 1, -.infinity, y.start + map)
      }
    }
    measure("direct, rows: dE/dK", size, multiplyAdds: multiplyAdds) {
      for j in 0..<kernels {
        loops.kernel_gradient(&rows, y.start + j * side * side, dK.start + 9 * j)
      }
    }
  }

  /// The transforms of Winograd's method alone, over the tiles of an image that caches hold.
  mutating func measureWinogradTransforms() {
    let table = starling_winograd_loops(set).pointee
    for (m, loops) in [(2, table.small), (4, table.large)] {
      let (side, channels) = (16, 64)
      let across = side / m
      let elements = (m + 2) * (m + 2)
      let pixels = Floats((side + 2) * (side + 2) * channels)
      let transformed = Floats(elements * across * across * channels)
      let bias = Floats(channels)
      var tile = starling_winograd_tile()
      (tile.row, tile.pixel, tile.channels) = ((side + 2) * channels, channels, channels)
      tile.element = across * across * channels
      tile.bias = UnsafePointer(bias.start)
      tile.floor = 0
      func each(_ last: Int32, _ run: (inout starling_winograd_tile) -> Void) {
        (tile.bottom, tile.right) = (last, last)
        for row in 0..<across {
          for column in 0..<across {
            tile.pixels = pixels.start + m * (row * (side + 2) + column) * channels
            tile.elements = transformed.start + (row * across + column) * channels
            run(&tile)
          }
        }
      }
      let size = "F(\(m)×\(m), 3×3), \(channels) channels at \(side)²"
      let tiles = across * across * channels * 4
      measure("Winograd: input transform", size, bytes: tiles * 2 * elements) {
        each(Int32(m + 2)) { loops.input(&$0) }
      }
      measure("Winograd: output transform", size, bytes: tiles * (elements + m * m)) {
        each(Int32(m)) { loops.output(&$0) }
      }
      measure("Winograd: gradient transform", size, bytes: tiles * (elements + m * m)) {
        each(Int32(m)) { loops.output_gradient(&$0) }
      }
    }
  }
}
