import CStarlingKernels

/// The loops of a dense layer for one image, of this machine.
struct DenseLoops: @unchecked Sendable {
  private let table: UnsafePointer<starling_dense_table>

  /// Those that kernels run with.
  static let current = DenseLoops(.current)

  /// Those of one instruction set.
  init(_ set: InstructionSet) {
    table = starling_dense(set.table)
  }

  /// sums[o] = Σ_n w[o][n]·x[n].
  func dots(
    _ w: UnsafePointer<Float>, _ pitch: Int, _ outputs: Int, _ x: UnsafePointer<Float>,
    _ count: Int, _ sums: UnsafeMutablePointer<Float>
  ) {
    table.pointee.dots(w, pitch, outputs, x, count, sums)
  }

  /// dX[n] = Σ_o dY[o]·w[o][n], then w[o][n] −= rate·dY[o]·x[n].
  func descend(
    _ w: UnsafeMutablePointer<Float>, _ pitch: Int, _ outputs: Int, _ dY: UnsafePointer<Float>,
    _ rate: Float, _ x: UnsafePointer<Float>, _ count: Int, _ dX: UnsafeMutablePointer<Float>
  ) {
    table.pointee.descend(w, pitch, outputs, dY, rate, x, count, dX)
  }
}
