import CStarlingKernels

/// The loops of a convolution in rows, of this machine.
struct RowsLoops: @unchecked Sendable {
  private let table: UnsafePointer<starling_rows_table>

  /// Those that kernels run with.
  static let current = RowsLoops(.current)

  /// Those of one instruction set.
  init(_ set: InstructionSet) {
    table = starling_rows_loops(set.table)
  }

  /// Y = bias + Σ X_i ⋆ K_i, one map.
  @inline(__always)
  func forward(
    _ rows: starling_rows, _ kernel: UnsafePointer<Float>, _ bias: UnsafePointer<Float>,
    _ biasRow: Int, _ biasColumn: Int, _ y: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: rows) {
      table.pointee.forward($0, kernel, bias, biasRow, biasColumn, -.infinity, y)
    }
  }

  /// dK_i = X_i ⋆ dY, one map.
  @inline(__always)
  func kernelGradient(
    _ rows: starling_rows, _ dY: UnsafePointer<Float>, _ dK: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: rows) { table.pointee.kernel_gradient($0, dY, dK) }
  }
}
