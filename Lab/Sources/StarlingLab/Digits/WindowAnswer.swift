import LineByLine
import Starling

/// Page 8: how the convolution comes to one of its numbers, product by product.
///
/// The window of the digit is a layer's whole input here, and the layer is the formula's own.
struct WindowAnswer: Encodable {
  /// The window's pixels.
  let x: [[Float]]
  /// The kernel's weights.
  let k: [[Float]]
  /// The bias of the number's place.
  let b: Float
  /// The products, each added to what stands there.
  let steps: [TraceStep]
  /// What they come to.
  let y: Double

  /// Which number of the convolution's output, and so which window.
  struct Place {
    let map, row, column: Int

    /// Reads the fields `map`, `row` and `column`.
    init(_ fields: JSONObject, in output: Shape) throws {
      map = try fields["map"].integer(in: 0...output[0] - 1)
      row = try fields["row"].integer(in: 0...output[1] - 1)
      column = try fields["column"].integer(in: 0...output[2] - 1)
    }
  }

  init(_ network: Starling.Network, of digit: DigitChoice, at place: Place) throws {
    let (map, row, column) = (place.map, place.row, place.column)
    let output = network.layers[0].outputShape
    let kernel = DeckNetwork.kernels(of: network)[map][0]
    b = network.parameters[0]["bias"].elements[(map * output[1] + row) * output[2] + column]
    x = digit.pixels[row..<row + kernel.count].map {
      Array($0[column..<column + kernel[0].count])
    }
    k = kernel
    let K = Matrix(kernel.map { $0.map(Double.init) })
    let layer = try ConvolutionalLayer(
      inputShape: [1, K.rows, K.columns], kernels: Kernels([[K]]),
      biases: Volume(shape: [1, 1, 1], repeating: Double(b)))
    let X = Volume([Matrix(x.map { $0.map(Double.init) })])
    steps = layer.traceForward(X)
    y = layer.forward(X).values[0]
  }
}
