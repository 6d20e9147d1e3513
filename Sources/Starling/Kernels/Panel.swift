import CStarlingKernels

/// The panel loops of this machine: products whose right factor is a few vectors wide.
///
/// ``run(_:)`` computes the panels that `starling_panel` describes.
struct Panels: @unchecked Sendable {
  /// Numbers in a vector.
  let lanes: Int
  private let table: UnsafePointer<starling_panel_table>

  /// Those that kernels run with.
  static let current = Panels(.current)

  /// Those of one instruction set.
  init(_ set: InstructionSet) {
    table = starling_panel_loops(set.table)
    lanes = Int(table.pointee.lanes)
  }

  /// How many vectors wide a panel is at best: as many as leave registers for a square tile.
  var widest: Int { tileRows(vectors: 4) > 2 ? 4 : 2 }

  /// Computes a panel.
  @inline(__always)
  func run(_ panel: inout starling_panel) {
    table.pointee.run(&panel)
  }

  /// How many rows a register tile of so many vectors has.
  func tileRows(vectors: Int) -> Int {
    withUnsafeBytes(of: table.pointee.tile_rows) {
      Int($0.load(fromByteOffset: 4 * vectors, as: Int32.self))
    }
  }
}

extension starling_panel {
  /// A panel of nothing, to be filled in: it stores its sums as they are.
  static var empty: starling_panel {
    var panel = starling_panel()
    panel.count_s = 1
    panel.count_t = 1
    panel.end = starling_panel_store
    panel.floor = -.infinity
    return panel
  }
}
