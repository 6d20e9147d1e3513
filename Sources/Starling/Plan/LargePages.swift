#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Memory for a workspace, in large pages where the system has them.
///
/// A workspace is walked with long strides, and each small page costs an entry of the processor's table of pages;
/// scattered small pages also crowd each other out of the second-level cache.
enum LargePages {
  private static let size = 1 << 21

  /// Memory that begins on a cache line, or from a few hundred kilobytes on at a large page.
  static func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
    guard byteCount >= size / 8 else { return .allocate(byteCount: byteCount, alignment: 64) }
    let whole = (byteCount + size - 1) / size * size
    let memory = UnsafeMutableRawPointer.allocate(byteCount: whole, alignment: size)
    #if os(Linux)
      // A wish, not a demand: no result depends on it.
      _ = madvise(memory, whole, MADV_HUGEPAGE)
    #endif
    return memory
  }
}
