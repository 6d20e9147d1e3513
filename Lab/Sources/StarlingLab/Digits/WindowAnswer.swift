import LineByLine
import Starling

/// Page 8: how the convolution comes to one of its numbers, product by product.
///
/// The window of the digit is a layer's whole input here, and the layer is the formula's own.
struct WindowAnswer: Encodable {
  /// The window's pixels.
  let x: [[Double]]
  /// The kernel's weights.
  let k: [[Double]]
  /// The bias of the number's place.
  let b: Double
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
    let kernel = DeckNetwork.kernels(of: network)[place.map][0].map { row in row.map(Double.init) }
    let K = Matrix(kernel)
    let window = digit.pixels[place.row..<place.row + K.rows].map { row in
      row[place.column..<place.column + K.columns].map(Double.init)
    }
    let bias = Double(
      network.parameters[0]["bias"].rows[place.map * network.layers[0].outputShape[1] + place.row][
        place.column])
    let layer = try ConvolutionalLayer(
      inputShape: [1, K.rows, K.columns], kernels: Kernels([[K]]),
      biases: Volume(shape: [1, 1, 1], repeating: bias))
    x = window
    k = kernel
    b = bias
    steps = layer.traceForward(Volume([Matrix(window)]))
    y = steps.last?.sum ?? bias
  }
}
