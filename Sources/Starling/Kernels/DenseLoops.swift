import CStarlingKernels

/// The loops of a dense layer for one image, of this machine.
struct DenseLoops: @unchecked Sendable {
  private let table: UnsafePointer<starling_dense_table>
  /// Vectors of this many numbers for each of 16.
  private let perSixteen: Int

  /// Those that kernels run with.
  static let current = DenseLoops(.current)

  /// Those of one instruction set.
  init(_ set: InstructionSet) {
    table = starling_dense_loops(set.table)
    perSixteen = 16 / Panels(set).lanes
  }

  /// sums[o][lane] += Σ w[o][n]·x[n] over the inputs n of a block, of so many sixteens.
  @inline(__always)
  func dots(
    _ w: UnsafePointer<Float>, _ outputs: Int, _ x: UnsafePointer<Float>, sixteens: Int,
    _ sums: UnsafeMutablePointer<Float>
  ) {
    table.pointee.dots(w, outputs, x, sixteens * perSixteen, sums)
  }

  /// y[o] = Σ sums[o][lane].
  @inline(__always)
  func fold(_ sums: UnsafePointer<Float>, _ outputs: Int, _ y: UnsafeMutablePointer<Float>) {
    table.pointee.fold(sums, outputs, y)
  }

  /// dX[n] = Σ_o dY[o]·w[o][n], then w[o][n] −= rate·dY[o]·x[n], for the inputs n of a block.
  @inline(__always)
  func descend(
    _ w: UnsafeMutablePointer<Float>, _ outputs: Int, _ dY: UnsafePointer<Float>, _ rate: Float,
    _ x: UnsafePointer<Float>, sixteens: Int, _ dX: UnsafeMutablePointer<Float>
  ) {
    table.pointee.descend(w, outputs, dY, rate, x, sixteens * perSixteen, dX)
  }
}
