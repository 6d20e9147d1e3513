/// The connected marks of a drawing, found row by row from its runs of ink.
///
/// Pixels that touch by a side or a corner belong together.
enum InkComponents {
  /// Some ink side by side in one row.
  private struct Run {
    var start: Int32
    var end: Int32
    var row: Int32
    /// Another run of the same mark, or itself when it speaks for the mark.
    var parent: Int32
    /// The ink of the whole mark, in the run that speaks for it.
    var mass: Int
  }

  /// Erases the marks that have less than a share of all ink; returns the box of those that stay.
  static func removeSpecks(
    from ink: inout [UInt8], width: Int, height: Int, smallerThan share: Double
  ) -> (columns: Range<Int>, rows: Range<Int>)? {
    var runs = connectedRuns(ink, width: width, height: height)
    let total = runs.reduce(0) { $0 + $1.mass }
    for index in runs.indices {
      let speaker = speaker(of: index, in: &runs)
      if speaker != index { runs[speaker].mass += runs[index].mass }
    }
    var (left, right, top, bottom) = (width, 0, height, 0)
    for index in runs.indices {
      let speaker = speaker(of: index, in: &runs)
      let run = runs[index]
      if Double(runs[speaker].mass) < share * Double(total) {
        let start = Int(run.row) * width
        for pixel in start + Int(run.start)..<start + Int(run.end) { ink[pixel] = 0 }
      } else {
        left = min(left, Int(run.start))
        right = max(right, Int(run.end))
        top = min(top, Int(run.row))
        bottom = max(bottom, Int(run.row) + 1)
      }
    }
    return left < right ? (left..<right, top..<bottom) : nil
  }

  /// All runs, row by row, those that touch a run of the row above joined to it.
  private static func connectedRuns(_ ink: [UInt8], width: Int, height: Int) -> [Run] {
    var runs: [Run] = []
    var above = 0..<0
    for y in 0..<height {
      let first = runs.count
      var touching = above.lowerBound
      var x = 0
      while x < width {
        if ink[y * width + x] == 0 {
          x += 1
          continue
        }
        let start = x
        var mass = 0
        while x < width, ink[y * width + x] > 0 {
          mass += Int(ink[y * width + x])
          x += 1
        }
        let index = runs.count
        runs.append(
          Run(
            start: Int32(start), end: Int32(x), row: Int32(y), parent: Int32(index), mass: mass))
        // Runs above that end before this one begins touch none that follows either.
        while touching < above.upperBound, Int(runs[touching].end) < start { touching += 1 }
        var other = touching
        while other < above.upperBound, Int(runs[other].start) <= x {
          join(index, other, in: &runs)
          other += 1
        }
      }
      above = first..<runs.count
    }
    return runs
  }

  private static func join(_ one: Int, _ other: Int, in runs: inout [Run]) {
    let (a, b) = (speaker(of: one, in: &runs), speaker(of: other, in: &runs))
    runs[max(a, b)].parent = Int32(min(a, b))
  }

  /// The run that speaks for a run's mark; the way there is shortened for the next to ask.
  private static func speaker(of run: Int, in runs: inout [Run]) -> Int {
    var index = run
    while Int(runs[index].parent) != index {
      runs[index].parent = runs[Int(runs[index].parent)].parent
      index = Int(runs[index].parent)
    }
    return index
  }
}
