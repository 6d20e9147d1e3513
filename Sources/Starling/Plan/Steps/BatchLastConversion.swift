/// The way from `rows` to `batchLast`, or back.
///
/// A unit is a channel of sixteen images.
package struct BatchLastConversion: Step {
  private let from, to: Activation
  private let loops: ElementwiseLoops

  /// The conversion of activations of equal shape, one of which lies in `rows` without a border.
  package init(from: Activation, to: Activation, set: InstructionSet = .current) {
    let rows = from.layout == .rows ? from : to
    precondition(
      from.layout != to.layout && rows.layout == .rows && rows.border == 0
        && from.channels * from.height * from.width == to.channels * to.height * to.width)
    self.from = from
    self.to = to
    loops = ElementwiseLoops(set)
  }

  package var task: String { "layout" }
  package var algorithm: String { "\(from.layout) to \(to.layout)" }
  package var multiplyAdds: Int { 0 }
  package var bytes: Int { 8 * from.batch * from.channels * from.height * from.width }

  private var images: Activation { from.layout == .batchLast ? from : to }

  package func run(_ memory: Memory, _ worker: Worker) {
    let images = images
    let strides = BatchLastStrides(images)
    let size = images.channels * images.height * images.width
    let width = images.rowWidth
    let rows = images.height * images.width / width
    for unit in worker.share(of: images.imageBlocks * images.channels) {
      let (group, channel) = unit.quotientAndRemainder(dividingBy: images.channels)
      let count = min(16, images.batch - 16 * group)
      for row in 0..<rows {
        let place = strides.place(group, channel, row: row)
        let plain = 16 * group * size + (channel * rows + row) * width
        if from.layout == .rows {
          loops.toSixteens(
            memory[from.slot] + plain, stride: size, to: memory[to.slot] + place, images: count,
            pixels: width)
        } else {
          loops.fromSixteens(
            memory[from.slot] + place, to: memory[to.slot] + plain, stride: size, images: count,
            pixels: width)
        }
      }
    }
  }
}

extension Activation {
  /// Pixels beside each other in `batchLast`: without a border, a channel is a single row.
  var rowWidth: Int { border == 0 ? height * width : width }
}

extension ElementwiseLoops {
  /// A row of up to sixteen images, which begin `stride` apart, becomes a row of sixteens.
  ///
  /// What remains of it behind whole blocks is turned as part of a block that ends with it.
  @inline(__always)
  func toSixteens(
    _ x: UnsafePointer<Float>, stride: Int, to y: UnsafeMutablePointer<Float>, images: Int,
    pixels: Int
  ) {
    forEachBlock(pixels) { first, count in
      transpose(
        x + first, stride: stride, to: y + 16 * first, stride: 16, rows: images, columns: count)
    }
  }

  /// A row of sixteens becomes a row of each image.
  @inline(__always)
  func fromSixteens(
    _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, stride: Int, images: Int,
    pixels: Int
  ) {
    forEachBlock(pixels) { first, count in
      transpose(
        x + 16 * first, stride: 16, to: y + first, stride: stride, rows: count, columns: images)
    }
  }

  @inline(__always)
  private func forEachBlock(_ pixels: Int, _ body: (Int, Int) -> Void) {
    guard pixels >= 16 else { return body(0, pixels) }
    body(0, pixels / 16 * 16)
    if pixels % 16 > 0 { body(pixels - 16, 16) }
  }
}
