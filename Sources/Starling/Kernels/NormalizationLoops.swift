import CStarlingKernels

/// The loops of batch normalization, over pixels whose channels come last.
///
/// Each takes what `starling_normalization` describes.
struct NormalizationLoops: @unchecked Sendable {
  private let table: UnsafePointer<starling_normalization_table>

  /// Those of one instruction set.
  init(_ set: InstructionSet) {
    table = starling_normalization_loops(set.table)
  }

  /// Σ (x − mean) and Σ (x − mean)².
  @inline(__always)
  func statistics(_ row: inout starling_normalization) { table.pointee.statistics(&row) }

  /// y = scale·(x − mean) + shift, and not below the floor.
  @inline(__always)
  func normalize(_ row: inout starling_normalization) { table.pointee.normalize(&row) }

  /// Σ dE/dy and Σ (x − mean)·dE/dy.
  @inline(__always)
  func slopeSums(_ row: inout starling_normalization) { table.pointee.slope_sums(&row) }

  /// dE/dx.
  @inline(__always)
  func slopes(_ row: inout starling_normalization) { table.pointee.slopes(&row) }

  /// dE/dy of pixels, of which one in each window of 2×2 was kept.
  @inline(__always)
  func unpool(_ row: inout starling_normalization) { table.pointee.unpool(&row) }
}
