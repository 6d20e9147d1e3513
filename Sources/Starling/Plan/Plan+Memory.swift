import Foundation

extension Plan {
  /// The plan with its memory, if the machine has that much; left to the system, it would end the program.
  ///
  /// - Parameters:
  ///   - blueprint: What it is to be.
  ///   - kept: Plans that are not at work; they are let go where there is no room for both.
  /// - Throws: ``TrainingError`` for a batch that is too large.
  convenience init(
    fitting blueprint: Blueprint, besides kept: PlanCache
  ) throws(TrainingError) {
    let needed = 4 * UInt64(blueprint.workspaceCount)
    let memory = Plan.memory
    guard needed < memory else {
      throw .setting(
        "batch size",
        expected: "one whose activations and gradients fit into this machine's "
          + Plan.gigabytes(memory, .down),
        found: "\(blueprint.purpose.batch), which takes \(Plan.gigabytes(needed, .up))",
        remedy: "take fewer images at a time")
    }
    if needed + UInt64(kept.byteCount) >= memory { kept.clear() }
    self.init(blueprint)
  }

  /// Bytes that the process may take: the machine's, or those that its control group leaves it.
  private static var memory: UInt64 {
    let physical = ProcessInfo.processInfo.physicalMemory
    let limit = ControlGroup.memoryLimit { try? String(contentsOfFile: $0, encoding: .utf8) }
    return min(physical, limit.map { UInt64(min($0, 0x1p62)) } ?? physical)
  }

  private static func gigabytes(
    _ bytes: UInt64, _ rule: FloatingPointRoundingRule
  ) -> String {
    String(format: "%.1f GB", (Double(bytes) / 0x1p30 * 10).rounded(rule) / 10)
  }
}
