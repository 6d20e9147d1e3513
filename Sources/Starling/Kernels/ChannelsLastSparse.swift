import CStarlingKernels

/// The loops of this machine for max pooling and for sums of few terms.
struct SparseLoops: @unchecked Sendable {
  /// Numbers in a vector.
  let lanes: Int
  private let table: UnsafePointer<starling_sparse_table>

  /// Those of one instruction set.
  init(_ set: InstructionSet) {
    table = starling_sparse_loops(set.table)
    lanes = Int(table.pointee.lanes)
  }

  /// Pools a row of windows.
  @inline(__always)
  func run(_ pool: inout starling_pool) { table.pointee.pool(&pool) }

  /// Sorts the channels of a pooled pixel by their winners.
  @inline(__always)
  func sortByWinner(_ sort: inout starling_sort) { table.pointee.sort_by_winner(&sort) }

  /// Sorts pooled pixels by their channels.
  @inline(__always)
  func sortByChannel(_ sort: inout starling_sort) { table.pointee.sort_by_channel(&sort) }

  /// Adds what a row of pooled pixels gives to the gradient of kernels of one channel.
  @inline(__always)
  func run(_ sum: inout starling_tap_sum) { table.pointee.tap_sum(&sum) }

  /// Adds a sum of few terms.
  @inline(__always)
  func run(_ sum: inout starling_block_sum) { table.pointee.block_sum(&sum) }
}

/// Lists of terms that each worker has for itself: factors, offsets, and the lists' lengths.
struct TermLists: Sendable {
  let capacity: Int
  private let factors, offsets, lengths: WorkerScratch

  init(_ lists: Int, of capacity: Int, workers: Int, in layout: inout WorkspaceLayout) {
    // Sixteen terms more may be written behind the end of a list.
    self.capacity = capacity + 16
    factors = WorkerScratch(lists * (capacity + 16), workers: workers, in: &layout)
    offsets = WorkerScratch(lists * (capacity + 16), workers: workers, in: &layout)
    lengths = WorkerScratch(lists, workers: workers, in: &layout)
  }

  /// Gives the lists of a worker, from one on, to a sort.
  @inline(__always)
  func place(_ sort: inout starling_sort, from list: Int = 0, _ memory: Memory, _ worker: Worker) {
    sort.factors = memory[factors, worker] + list * capacity
    sort.offsets = memory.integers(offsets, worker) + list * capacity
    sort.lengths = memory.integers(lengths, worker) + list
    sort.capacity = capacity
  }
}

extension Memory {
  /// A worker's own floats as whole numbers.
  func integers(_ scratch: WorkerScratch, _ worker: Worker) -> UnsafeMutablePointer<Int32> {
    UnsafeMutableRawPointer(self[scratch, worker]).assumingMemoryBound(to: Int32.self)
  }

  /// The first byte of a place that holds bytes.
  func bytes(_ slot: Slot) -> UnsafeMutablePointer<UInt8> {
    UnsafeMutableRawPointer(self[slot]).assumingMemoryBound(to: UInt8.self)
  }
}
