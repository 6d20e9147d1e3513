import CStarlingKernels

/// The loops of this machine for max pooling and for sums of few terms.
struct SparseLoops: @unchecked Sendable {
  /// Numbers in a vector.
  let lanes: Int
  private let table: UnsafePointer<starling_sparse_table>

  /// Those of one instruction set.
  init(_ set: InstructionSet) {
    table = starling_sparse(set.table)
    lanes = Int(table.pointee.lanes)
  }

  /// Pools a row of windows.
  @inline(__always)
  func run(_ pool: inout starling_pool) { table.pointee.pool(&pool) }

  /// Adds a sum of few terms.
  @inline(__always)
  func run(_ sum: inout starling_block_sum) { table.pointee.block_sum(&sum) }
}

extension Memory {
  /// The first byte of a place that holds bytes.
  func bytes(_ slot: Slot) -> UnsafeMutablePointer<UInt8> {
    UnsafeMutableRawPointer(self[slot]).assumingMemoryBound(to: UInt8.self)
  }
}
