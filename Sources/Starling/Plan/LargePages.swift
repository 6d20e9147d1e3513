#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Asks the system for large pages: a workspace of many megabytes is walked with long strides, and each small
/// page costs an entry of the processor's table of pages.
enum LargePages {
  /// A wish, not a demand: the result does not depend on it.
  static func advise(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
    #if os(Linux)
      if byteCount >= 1 << 21 { _ = madvise(memory, byteCount, MADV_HUGEPAGE) }
    #endif
  }
}
