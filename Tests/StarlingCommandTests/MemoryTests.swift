#if os(Linux)
  import Foundation
  import StarlingData
  import Testing

  @Suite("starling train: memory")
  struct MemoryTests {
    @Test(
      "60,000 images held and trained on take less than 150 MB",
      .enabled(if: isOptimized, needsSpeed), .enabled(if: !isSanitized, "sanitizers take memory"),
      arguments: [true, false])
    func sixtyThousand(gzipped: Bool) throws {
      let folder = try TemporaryFolder()
      let perClass = 30_000
      try writeRepeatedDigits(to: "data", perClass: perClass, gzipped: gzipped, in: folder)
      let running = try Running(
        [
          "train", "--data", folder.path("data"), "--limit", "all", "--epochs", "1",
          "--batch-size", "128", "--out", "run",
        ], in: folder.url)
      var peak = 0
      _ = running.wait {
        peak = max(peak, running.peakMemory ?? 0)
        return false
      }
      let run = running.finish()
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output.contains("60,000 images to learn from"))
      #expect(peak < 150_000_000, "\(peak) bytes")
      // The pixels alone are 47 MB: less would mean that nothing has been measured.
      #expect(peak > 50_000_000, "\(peak) bytes")
    }

    /// Writes digits as MNIST's four files, the same hundreds again and again.
    private func writeRepeatedDigits(
      to name: String, perClass: Int, gzipped: Bool, in folder: TemporaryFolder
    ) throws {
      let different = 300
      let data = try folder.writeDigits(to: name, perClass: different, gzipped: gzipped)
      let suffix = gzipped ? ".gz" : ""
      for (file, axes) in [("train-images-idx3-ubyte", 3), ("train-labels-idx1-ubyte", 1)] {
        let url = URL(fileURLWithPath: "\(data)/\(file)\(suffix)")
        let some = try IDX(contentsOf: url, axes: axes)
        let many = (0..<perClass / different).flatMap { _ in some.bytes }
        try IDX(lengths: [2 * perClass] + some.lengths.dropFirst(), bytes: many)
          .write(to: url, gzipped: gzipped)
      }
    }
  }

  extension Running {
    /// The most memory that the process has held at a time, in bytes; `nil` once it has ended.
    ///
    /// What the system counts for ended children would include what this process held when it
    /// started them.
    fileprivate var peakMemory: Int? {
      let status = try? String(contentsOfFile: "/proc/\(processIdentifier)/status", encoding: .utf8)
      let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
      let word = line?.split(whereSeparator: \.isWhitespace).dropFirst().first
      return word.flatMap { Int($0) }.map { $0 * 1024 }
    }
  }

  /// Whether the tests run under a sanitizer, whose bookkeeping takes as much memory again.
  private let isSanitized = ["__asan_init", "__tsan_init"].contains { (name: String) in
    dlsym(nil, name) != nil
  }
#endif
