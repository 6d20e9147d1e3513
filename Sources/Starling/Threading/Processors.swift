import Foundation

/// The processors that this process may use.
package enum Processors {
  /// How many there are, at least 1.
  static let usable = usable(of: ProcessInfo.processInfo.activeProcessorCount) {
    try? String(contentsOfFile: $0, encoding: .utf8)
  }

  /// How many processors of a machine are worth a thread.
  ///
  /// On Linux these are the ones that the process is bound to, as `taskset` does it, and no more than its
  /// control group may keep busy; a part of one counts. Elsewhere there are no such files, and all are.
  ///
  /// - Parameters:
  ///   - active: How many processors the machine has.
  ///   - read: Gives the text of a file, or nil if there is none.
  /// - Returns: How many there are, at least 1.
  package static func usable(of active: Int, _ read: (String) -> String?) -> Int {
    let bound = read("/proc/self/status").flatMap(allowed) ?? active
    guard let quota = ControlGroup.processorQuota(read), quota < Double(bound) else {
      return max(1, bound)
    }
    return max(1, Int(quota.rounded(.up)))
  }

  /// How many processors a status file allows: `Cpus_allowed_list: 0-3,8` are five.
  private static func allowed(_ status: String) -> Int? {
    let label = "Cpus_allowed_list:"
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(label) }) else {
      return nil
    }
    var count = 0
    for range in line.dropFirst(label.count).split(separator: ",") {
      let ends = range.split(separator: "-").map { Int($0.trimmingCharacters(in: .whitespaces)) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last else {
        return nil
      }
      count += last - first + 1
    }
    return count
  }
}
