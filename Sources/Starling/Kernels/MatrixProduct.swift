import CStarlingKernels

/// A product of matrices in rows, of any size: C = A·B, [rows × depth] · [depth × columns].
///
/// It is cut for the caches. A block of B is packed in strips as wide as a register tile; a block of A is packed
/// for the second-level cache, and goes through all strips, whose numbers come in the order in which they lie.
/// An element of C is a chain of multiply-adds for each block of the depth, and those are added in order: the
/// bits do not depend on the workers.
package struct MatrixProduct: Sendable {
  /// Rows of A and C, columns of B and C, and what is summed over.
  package let rows, columns, depth: Int
  private let panels: Panels
  /// The columns of a strip.
  private let width: Int

  /// A product of matrices with at least one row and column each.
  package init(rows: Int, columns: Int, depth: Int, for set: InstructionSet = .current) {
    precondition(rows > 0 && columns > 0 && depth > 0, "expected matrices with elements")
    (self.rows, self.columns, self.depth) = (rows, columns, depth)
    panels = Panels(set)
    width = 2 * panels.lanes
  }

  /// The most rows of B in a block.
  ///
  /// A strip of them flows through the first-level cache from the second in
  /// order, which costs nothing; more blocks would read and write C more often, which costs much.
  private static let mostDepth = 1024
  /// The most rows of A in a block: they take a part of a second-level cache.
  private static let mostRows = 128

  private var depthBlocks: Int { blocks(of: depth, atMost: MatrixProduct.mostDepth) }
  private var rowBlocks: Int { blocks(of: rows, atMost: MatrixProduct.mostRows) }
  private var strips: Int { blocks(of: columns, atMost: width) }
  /// Floats from one packed row of A to the next: no power of two, whose multiples share a place in the cache.
  private var pitch: Int { MatrixProduct.mostDepth + 16 }
  private var packedCount: Int { strips * width * min(depth, MatrixProduct.mostDepth) }
  private var workerCount: Int { MatrixProduct.mostRows * (pitch + width) }

  private func blocks(of count: Int, atMost most: Int) -> Int { (count + most - 1) / most }

  /// How many floats of scratch so many workers need.
  package func scratchCount(workers: Int) -> Int { packedCount + workers * workerCount }

  /// Does a worker's share: blocks of rows, which are units.
  ///
  /// - Parameters:
  ///   - a: The left factor, row by row.
  ///   - b: The right factor, row by row.
  ///   - c: Where the product goes.
  ///   - scratch: As many floats as ``scratchCount(workers:)`` says, the same for all workers.
  ///   - worker: Who does it; all workers of the run must.
  package func run(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, to c: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, _ worker: Worker
  ) {
    let own = scratch + packedCount + worker.index * workerCount
    for block in 0..<depthBlocks {
      let terms = block * depth / depthBlocks..<(block + 1) * depth / depthBlocks
      for strip in worker.share(of: strips) {
        pack(b + terms.lowerBound * columns, strip, terms.count, to: scratch)
      }
      worker.barrier()
      for unit in worker.share(of: rowBlocks) {
        let block = unit * rows / rowBlocks..<(unit + 1) * rows / rowBlocks
        for row in block {
          (own + (row - block.lowerBound) * pitch).update(
            from: a + row * depth + terms.lowerBound, count: terms.count)
        }
        add(own, scratch, terms, to: c + block.lowerBound * columns, rows: block.count)
      }
      worker.barrier()
    }
  }

  /// Copies a strip of B, [term][column], with zeros behind the last column.
  private func pack(
    _ b: UnsafePointer<Float>, _ strip: Int, _ terms: Int, to packed: UnsafeMutablePointer<Float>
  ) {
    let to = packed + strip * width * terms
    let from = b + strip * width
    let count = min(width, columns - strip * width)
    for term in 0..<terms {
      let (row, fromRow) = (to + term * width, from + term * columns)
      for column in 0..<count { row[column] = fromRow[column] }
      for column in count..<width { row[column] = 0 }
    }
  }

  /// C += A·B for a block of packed rows and all strips; C = A·B for the first block of terms.
  private func add(
    _ a: UnsafeMutablePointer<Float>, _ b: UnsafePointer<Float>, _ terms: Range<Int>,
    to c: UnsafeMutablePointer<Float>, rows: Int
  ) {
    let isFirst = terms.lowerBound == 0
    var panel = starling_panel.empty
    panel.a = UnsafePointer(a)
    panel.a_row = pitch
    panel.a_k = 1
    panel.b_vector = panels.lanes
    panel.b_k = width
    panel.count_k = terms.count
    panel.c_vector = panels.lanes
    panel.rows = rows
    panel.vectors = 2
    panel.bias = UnsafePointer(a)
    for strip in 0..<strips {
      panel.b = b + strip * width * terms.count
      let to = c + strip * width
      let count = min(width, columns - strip * width)
      if count == width {
        panel.end = isFirst ? starling_panel_store : starling_panel_add
        panel.c = to
        panel.c_row = columns
        panels.run(&panel)
      } else {
        // Whole vectors would run into the next row.
        panel.end = starling_panel_store
        panel.c = a + MatrixProduct.mostRows * pitch
        panel.c_row = width
        panels.run(&panel)
        for row in 0..<rows {
          for column in 0..<count {
            let sum = panel.c[row * width + column]
            to[row * columns + column] = isFirst ? sum : to[row * columns + column] + sum
          }
        }
      }
    }
  }
}
