import CStarlingKernels

/// The tiles of a batch: each image of `height` × `width` outputs is cut into squares of m × m, row by row.
///
/// The last ones of a row or a column may stick out.
struct WinogradTiles: Hashable, Sendable {
  let size: WinogradSize
  let batch, height, width: Int

  /// Tiles of an image, from top to bottom and from left to right.
  var rows: Int { (height + size.rawValue - 1) / size.rawValue }
  var columns: Int { (width + size.rawValue - 1) / size.rawValue }
  /// Tiles of the batch.
  var count: Int { batch * rows * columns }

  /// Calls a body for each of some tiles, with its pixels filled in.
  ///
  /// - Parameters:
  ///   - tiles: Which of them, counted over the batch.
  ///   - tile: What is the same for all of them; what the body changes, the next one sees.
  ///   - pixels: Where the pixels of each tile are.
  ///   - positions: The first of the bytes that go with the pixels, if there are any: without a border.
  ///   - body: What is to be done.
  @inline(__always)
  func forEach(
    of tiles: Range<Int>, _ tile: starling_winograd_tile, in pixels: WinogradPixels,
    positions: UnsafeMutablePointer<UInt8>? = nil,
    _ body: (inout starling_winograd_tile) -> Void
  ) {
    var tile = tile
    tile.row = pixels.row
    tile.pixel = pixels.pixel
    tile.positions_row = pixels.width * pixels.pixel
    var corner = Corner(of: tiles.lowerBound, self)
    for _ in tiles {
      let top = corner.row * pixels.step + pixels.origin
      let left = corner.column * pixels.step + pixels.origin
      tile.pixels = pixels.first + pixels.offset(corner)
      tile.positions = positions.map {
        $0 + ((corner.image * pixels.height + top) * pixels.width + left) * pixels.pixel
      }
      tile.top = Int32(truncatingIfNeeded: -top)
      tile.left = Int32(truncatingIfNeeded: -left)
      tile.bottom = Int32(truncatingIfNeeded: pixels.height - top)
      tile.right = Int32(truncatingIfNeeded: pixels.width - left)
      corner.advance(self)
      tile.next = UnsafePointer(pixels.first + pixels.offset(corner))
      body(&tile)
    }
  }

  /// Where a tile is: its image, and its row and column among the image's tiles.
  struct Corner {
    var image, row, column: Int

    init(of tile: Int, _ tiles: WinogradTiles) {
      let (line, column) = tile.quotientAndRemainder(dividingBy: tiles.columns)
      (image, row) = line.quotientAndRemainder(dividingBy: tiles.rows)
      self.column = column
    }

    /// Goes on to the next tile.
    mutating func advance(_ tiles: WinogradTiles) {
      column += 1
      guard column == tiles.columns else { return }
      (row, column) = (row + 1, 0)
      guard row == tiles.rows else { return }
      (image, row) = (image + 1, 0)
    }
  }
}

/// Where the pixels of tiles are: in activations that lie in `channelsLast`.
struct WinogradPixels {
  /// The first pixel that exists, of the border if that is read.
  var first: UnsafeMutablePointer<Float>
  /// Floats from an image, a row, a pixel to the next.
  let image, row, pixel: Int
  /// Rows and columns that exist.
  let height, width: Int
  /// Where the first tile's pixels begin, and how far it is from a tile's pixels to the next one's.
  let origin, step: Int

  /// Floats from `first` to the first pixel of a tile.
  func offset(_ tile: WinogradTiles.Corner) -> Int {
    tile.image * image + (tile.row * step + origin) * row + (tile.column * step + origin) * pixel
  }

  /// The overlapping windows of a convolution's input, border and all.
  static func windows(
    of input: Activation, padding: Int, size: WinogradSize, in memory: Memory
  ) -> WinogradPixels {
    WinogradPixels(
      first: memory[input.slot], image: input.imageStride, row: input.fullWidth * input.pitch,
      pixel: input.pitch, height: input.fullHeight, width: input.fullWidth,
      origin: input.border - padding, step: size.rawValue)
  }

  /// Blocks of `step` × `step` pixels side by side, without the border.
  static func blocks(of output: Activation, step: Int, in memory: Memory) -> WinogradPixels {
    let row = output.fullWidth * output.pitch
    return WinogradPixels(
      first: memory[output.slot] + output.border * (row + output.pitch), image: output.imageStride,
      row: row, pixel: output.pitch, height: output.height, width: output.width,
      origin: 0, step: step)
  }
}

/// Transformed tiles in memory: [element][tile][channel].
struct WinogradElements: Hashable, Sendable {
  let size: WinogradSize
  /// For how many tiles there is room, and floats from one to the next.
  let tiles, pitch: Int

  init(_ size: WinogradSize, tiles: Int, channels: Int) {
    self.size = size
    self.tiles = tiles
    // Where many rows are read side by side, rows at a distance of 512 bytes or more that is a power of
    // two would drive each other out of the first-level cache.
    pitch = channels + (channels % 128 == 0 ? 16 : 0)
  }

  /// Floats from one element to the next: never a power of two, since a transform writes to all of them at once.
  var element: Int { tiles * pitch + 16 }
  /// Floats in all.
  var count: Int { size.elements * element }
}

extension WorkspaceLayout {
  /// A place for so many floats, which may be one that another step uses at another time.
  mutating func slot(_ floats: Int, sharing shared: Slot?) -> Slot {
    if let shared, shared.count >= floats { return shared }
    return slot(floats)
  }
}

extension Worker {
  /// The share of `0..<units` that falls to this worker when only so many of them have room to work.
  func share(of units: Int, among most: Int) -> Range<Int> {
    let count = min(count, most)
    guard index < count else { return 0..<0 }
    return index * units / count..<(index + 1) * units / count
  }
}
