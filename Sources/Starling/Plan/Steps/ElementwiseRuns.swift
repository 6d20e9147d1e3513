/// Floats beside each other in activations of one shape.
package struct Run: Sendable {
  /// The image, or the block of sixteen in `batchLast`; the channel, which is 0 in `channelsLast`; and the
  /// pixel that the run begins with.
  let image, plane, row, column: Int
  /// How many floats the run begins behind that.
  let skipped: Int
  /// How many floats there are.
  let count: Int
}

/// The numbers of activations of one shape, as runs that leave borders and padding alone.
///
/// Images are shared among workers as the steps before and behind share them, so that an image stays in one
/// worker's cache; a single image is shared by equal parts, or by rows.
package struct ElementwiseRuns: Sendable {
  private let shape: Activation
  /// Without borders an image is one run.
  private let isWhole: Bool
  /// Padding between the pixels is left alone.
  private let isByPixel: Bool
  private let parts: Parts

  /// The runs of some activations.
  ///
  /// - Parameters:
  ///   - activations: One or more of the same layout and shape; their borders may differ.
  ///   - keepsZeros: Whether what is done to the numbers leaves a zero zero, so that the padding of channels
  ///     may go with them.
  package init(_ activations: Activation..., keepsZeros: Bool) {
    shape = activations[0]
    for other in activations {
      precondition(
        other.layout == shape.layout && other.batch == shape.batch
          && other.channels == shape.channels && other.height == shape.height
          && other.width == shape.width, "elementwise steps keep the shape and the layout")
    }
    isByPixel = shape.layout == .channelsLast && shape.pitch != shape.channels && !keepsZeros
    isWhole = !isByPixel && activations.allSatisfy { $0.border == 0 }
    parts = Parts(shape.imageStride, least: 16)
  }

  /// Calls `body` with each run of a worker's share.
  @inline(__always)
  func forEach(of worker: Worker, _ body: (Run) -> Void) {
    let images = shape.layout == .batchLast ? shape.imageBlocks : shape.batch
    if isWhole {
      let floats: Range<Int>
      if images > 1 {
        let share = worker.share(of: images)
        floats = share.lowerBound * shape.imageStride..<share.upperBound * shape.imageStride
      } else {
        let share = worker.share(of: parts.count)
        guard !share.isEmpty else { return }
        floats = parts[share.lowerBound].lowerBound..<parts[share.upperBound - 1].upperBound
      }
      guard !floats.isEmpty else { return }
      return body(
        Run(
          image: 0, plane: 0, row: 0, column: 0, skipped: floats.lowerBound, count: floats.count))
    }
    let rows = shape.planes * shape.height
    let share: Range<Int>
    if images > 1 {
      let few = worker.share(of: images)
      share = few.lowerBound * rows..<few.upperBound * rows
    } else {
      share = worker.share(of: rows)
    }
    for row in share {
      let (map, y) = row.quotientAndRemainder(dividingBy: shape.height)
      let (image, plane) = map.quotientAndRemainder(dividingBy: shape.planes)
      if isByPixel {
        for column in 0..<shape.width {
          body(
            Run(
              image: image, plane: plane, row: y, column: column, skipped: 0,
              count: shape.channels))
        }
      } else {
        body(
          Run(
            image: image, plane: plane, row: y, column: 0, skipped: 0,
            count: shape.width * shape.pixelStride))
      }
    }
  }
}

extension Activation {
  /// Maps of an image that lie one behind the other.
  fileprivate var planes: Int { layout == .channelsLast ? 1 : channels }

  /// Floats from one pixel of a row to the next.
  fileprivate var pixelStride: Int {
    switch layout {
    case .rows: 1
    case .batchLast: 16
    case .channelsLast: pitch
    }
  }

  /// Where a run begins.
  func offset(of run: Run) -> Int {
    let map = run.image * imageStride + run.plane * fullHeight * fullWidth * pixelStride
    let pixel = (run.row + border) * fullWidth + run.column + border
    return map + pixel * pixelStride + run.skipped
  }
}

extension Memory {
  /// The first number of a run.
  @inline(__always)
  subscript(activation: Activation, run: Run) -> UnsafeMutablePointer<Float> {
    self[activation.slot] + activation.offset(of: run)
  }
}
