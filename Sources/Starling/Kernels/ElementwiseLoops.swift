import CStarlingKernels

/// The loops over arrays of numbers: functions of each, sums, the transpose.
///
/// No loop reads or writes beyond its `count`, and the result for a number does not depend on where in the array
/// it stands. Where a loop has one input, the output may lie on it.
package struct ElementwiseLoops: @unchecked Sendable {
  /// Numbers in a vector.
  package let lanes: Int
  private let table: UnsafePointer<starling_elementwise_table>

  /// Those that kernels run with.
  package static let current = ElementwiseLoops(.current)

  /// Those of one instruction set.
  package init(_ set: InstructionSet) {
    table = starling_elementwise_loops(set.table)
    lanes = Int(table.pointee.lanes)
  }

  // MARK: - Functions

  /// e^x to 1.1 ulp.
  @inline(__always)
  package func exp(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, _ count: Int) {
    table.pointee.exp(x, y, count)
  }

  /// log x to 1 ulp; −∞ at 0, NaN below.
  @inline(__always)
  package func log(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, _ count: Int) {
    table.pointee.log(x, y, count)
  }

  /// 1 / (1 + e^−x) to 2.5 ulp.
  @inline(__always)
  package func sigmoid(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, _ count: Int) {
    table.pointee.sigmoid(x, y, count)
  }

  /// tanh x to 2.5 ulp.
  @inline(__always)
  package func tanh(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, _ count: Int) {
    table.pointee.tanh(x, y, count)
  }

  /// max(0, x); a NaN stays one.
  @inline(__always)
  package func relu(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, _ count: Int) {
    table.pointee.relu(x, y, count)
  }

  // MARK: - Slopes

  /// dX = dY·y·(1 − y), for y = σ(x).
  @inline(__always)
  package func sigmoidSlope(
    _ y: UnsafePointer<Float>, times dY: UnsafePointer<Float>, to dX: UnsafeMutablePointer<Float>,
    _ count: Int
  ) {
    table.pointee.sigmoid_slope(y, dY, dX, count)
  }

  /// dX = dY·(1 − y²), for y = tanh x.
  @inline(__always)
  package func tanhSlope(
    _ y: UnsafePointer<Float>, times dY: UnsafePointer<Float>, to dX: UnsafeMutablePointer<Float>,
    _ count: Int
  ) {
    table.pointee.tanh_slope(y, dY, dX, count)
  }

  /// dX = dY where y > 0, else 0, for y = max(0, x).
  @inline(__always)
  package func reluSlope(
    _ y: UnsafePointer<Float>, times dY: UnsafePointer<Float>, to dX: UnsafeMutablePointer<Float>,
    _ count: Int
  ) {
    table.pointee.relu_slope(y, dY, dX, count)
  }

  // MARK: - Sums

  /// y += a·x.
  @inline(__always)
  package func addScaled(
    _ a: Float, _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    table.pointee.add_scaled(a, x, y, count)
  }

  /// Σ x.
  @inline(__always)
  package func sum(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    table.pointee.sum(x, count)
  }

  /// The sum of each column of a matrix whose rows begin `rowStride` apart.
  @inline(__always)
  package func columnSums(
    _ x: UnsafePointer<Float>, rowStride: Int, rows: Int, columns: Int,
    to sums: UnsafeMutablePointer<Float>
  ) {
    table.pointee.column_sums(x, rowStride, rows, columns, sums)
  }

  // MARK: - Matrices

  /// The softmax of each row of a matrix whose rows begin `stride` apart.
  @inline(__always)
  package func softmax(
    _ x: UnsafePointer<Float>, stride xStride: Int, to y: UnsafeMutablePointer<Float>,
    stride yStride: Int, rows: Int, columns: Int
  ) {
    table.pointee.softmax(x, xStride, y, yStride, rows, columns)
  }

  /// y[c][r] = x[r][c], where the rows of x and of y begin `stride` apart.
  @inline(__always)
  package func transpose(
    _ x: UnsafePointer<Float>, stride xStride: Int, to y: UnsafeMutablePointer<Float>,
    stride yStride: Int, rows: Int, columns: Int
  ) {
    table.pointee.transpose(x, xStride, y, yStride, rows, columns)
  }

  /// y = scale·x.
  @inline(__always)
  package func floats(
    from bytes: UnsafePointer<UInt8>, scale: Float, to y: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    table.pointee.from_bytes(bytes, scale, y, count)
  }

  /// y = 0 where the mask of a rate and a seed drops a number, else x / (1 − rate).
  ///
  /// `numbers` says which numbers of the mask the first of x and those behind it take; it begins at a multiple
  /// of 4.
  @inline(__always)
  package func dropout(
    rate: Float, seed: UInt64, _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>,
    _ numbers: Range<Int>
  ) {
    var mask = starling_dropout(
      seed: seed, threshold: Int32((rate * 65536).rounded()), scale: 1 / (1 - rate))
    table.pointee.dropout(&mask, x, y, numbers.lowerBound, numbers.count)
  }
}
