import CPeak
import Foundation
import Starling

/// Measures loops one after the other, and keeps what it finds.
struct Bench {
  private(set) var report: Report
  /// Loops whose name has this in it are measured; all if it is empty.
  let wanted: String

  /// The peak comes first: all shares are shares of it.
  init(wanted: String) {
    self.wanted = wanted
    report = Report(
      instructionSet: InstructionSet.current.rawValue, peakGigaflops: Bench.peak())
  }

  /// Billions of operations a second of one core whose numbers stay in registers.
  private static func peak() -> Double {
    let set = InstructionSet.allCases.firstIndex(of: .current) ?? 0
    let turns = 10_000
    var multiplyAdds = 0
    let nanoseconds = Measurement.nanoseconds {
      multiplyAdds = peak_multiply_adds(Int32(set), turns)
    }
    return 2 * Double(multiplyAdds * turns) / nanoseconds
  }

  /// Measures a loop, if it is wanted, and relates its time to what it does in one run.
  mutating func measure(
    _ loop: String, _ size: String, threads: Int = 1, multiplyAdds: Int? = nil, bytes: Int? = nil,
    elements: Int? = nil, runs: Int = 1, _ work: () -> Void
  ) {
    guard wanted.isEmpty || loop.contains(wanted) else { return }
    let time = Measurement.nanoseconds(work) / Double(runs)
    var finding = Finding(loop: loop, size: size, threads: threads, nanoseconds: time)
    finding.gigaflops = multiplyAdds.map { 2 * Double($0) / time }
    finding.shareOfPeak = finding.gigaflops.map { $0 / (report.peakGigaflops * Double(threads)) }
    finding.gigabytes = bytes.map { Double($0) / time }
    finding.perElement = elements.map { time / Double($0) }
    report.findings.append(finding)
  }

  /// Measures a step of a plan on one core.
  mutating func measure(_ loop: String, _ size: String, _ step: some Step, _ memory: Memory) {
    measure(loop, size, multiplyAdds: step.multiplyAdds) { step.run(memory, .only) }
  }
}

/// Floats for loops to work on: normal numbers, none so small that they would be slow.
final class Floats {
  let start: UnsafeMutablePointer<Float>

  init(_ count: Int, in range: ClosedRange<Float> = -1...1) {
    // 64-byte aligned, as a plan's workspace is, with room for a last whole vector.
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 4 * (count + 32), alignment: 64)
    start = memory.initializeMemory(as: Float.self, repeating: 0, count: count + 32)
    var random = SeededGenerator(seed: 1)
    for index in 0..<count { start[index] = .random(in: range, using: &random) }
  }

  deinit { start.deallocate() }
}

/// A workspace for steps on trial, and a tensor of parameters for each size asked for.
final class Rig {
  var layout = WorkspaceLayout()
  private var tensors: [Floats] = []
  private var table: UnsafeMutablePointer<UnsafeMutablePointer<Float>>?
  private var workspace: Floats?

  deinit { table?.deallocate() }

  /// The number of a new tensor.
  func tensor(_ count: Int) -> Int {
    tensors.append(Floats(count))
    return tensors.count - 1
  }

  /// What the steps work on; asked for when all places are handed out.
  func memory() -> Memory {
    let workspace = Floats(layout.count)
    let table = UnsafeMutablePointer<UnsafeMutablePointer<Float>>.allocate(
      capacity: tensors.count + 1)
    for (index, tensor) in tensors.enumerated() { table[index] = tensor.start }
    (self.workspace, self.table) = (workspace, table)
    return Memory(
      workspace: workspace.start, parameters: UnsafePointer(table), gradients: nil,
      learningRate: 1e-6)
  }
}
