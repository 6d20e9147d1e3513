/// What Linux says about the control group of a process: how much processor time and memory it may take.
///
/// A container that is started with two processors' worth of time sees all the machine's, and more threads
/// than two would only stop each other.
package enum ControlGroup {
  /// The processors' worth of time that the process may take, or nil if there is no limit.
  ///
  /// The least limit of its group and of the groups above it, in version 1 or 2, holds.
  ///
  /// - Parameter read: Gives the text of a file, or nil if there is none.
  /// - Returns: Seconds of processor time a second.
  static func processorQuota(_ read: (String) -> String?) -> Double? {
    least(of: "cpu", read) { folder, isVersion2 in
      isVersion2
        ? quota(maximum: read(folder + "/cpu.max"))
        : quota(read(folder + "/cpu.cfs_quota_us"), period: read(folder + "/cpu.cfs_period_us"))
    }
  }

  /// The bytes of memory that the process may take, or nil if there is no limit; the least one holds.
  package static func memoryLimit(_ read: (String) -> String?) -> Double? {
    least(of: "memory", read) { folder, isVersion2 in
      number(read(folder + (isVersion2 ? "/memory.max" : "/memory.limit_in_bytes")))
    }
  }

  /// The least of the limits that the group of a controller and the groups above it have.
  private static func least(
    of controller: String, _ read: (String) -> String?, _ limit: (String, Bool) -> Double?
  ) -> Double? {
    guard let groups = read("/proc/self/cgroup"), let mounts = read("/proc/self/mountinfo") else {
      return nil
    }
    let mounted = mounts.split(separator: "\n").compactMap { Mount($0, of: controller) }
    var limits: [Double] = []
    for membership in groups.split(separator: "\n")
      .compactMap({ Membership($0, of: controller) })
    {
      for mount in mounted where mount.isVersion2 == membership.isVersion2 {
        limits += mount.folders(of: membership.path).compactMap { limit($0, mount.isVersion2) }
      }
    }
    return limits.min()
  }

  /// A limit of version 2: `200000 100000` is two processors, `max 100000` none.
  private static func quota(maximum: String?) -> Double? {
    let words = maximum?.split(whereSeparator: \.isWhitespace).map(String.init) ?? []
    return words.count == 2 ? quota(words[0], period: words[1]) : nil
  }

  /// A limit of version 1, in microseconds a period; -1 is none.
  private static func quota(_ time: String?, period: String?) -> Double? {
    guard let time = number(time), let period = number(period) else { return nil }
    return time / period
  }

  /// A whole number above 0.
  private static func number(_ text: String?) -> Double? {
    let number = text.flatMap { Int($0.filter { !$0.isWhitespace }) }
    return number.flatMap { $0 > 0 ? Double($0) : nil }
  }

  /// A line of `/proc/self/cgroup`: `0::/user.slice`, or `4:cpu,cpuacct:/docker/7f` in version 1.
  private struct Membership {
    let isVersion2: Bool
    let path: String

    init?(_ line: Substring, of controller: String) {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { return nil }
      isVersion2 = parts[0] == "0" && parts[1].isEmpty
      guard isVersion2 || parts[1].split(separator: ",").contains(Substring(controller)) else {
        return nil
      }
      path = String(parts[2])
    }
  }

  /// A line of `/proc/self/mountinfo`: which folder of which file system is seen where.
  private struct Mount {
    let root: String
    let point: String
    let isVersion2: Bool

    init?(_ line: Substring, of controller: String) {
      // 31 23 0:28 /docker/7f /sys/fs/cgroup/cpu rw shared:9 - cgroup cgroup rw,cpu
      let words = line.split(separator: " ")
      guard let dash = words.firstIndex(of: "-"), dash >= 6, words.count > dash + 3 else {
        return nil
      }
      switch words[dash + 1] {
      case "cgroup2": isVersion2 = true
      case "cgroup" where words[dash + 3].split(separator: ",").contains(Substring(controller)):
        isVersion2 = false
      default: return nil
      }
      root = Mount.unescaped(words[3])
      point = Mount.unescaped(words[4])
    }

    /// The folders of a group and of those above it, as far as they are seen here.
    ///
    /// A group that lies outside the mounted part is that of another name space: what is mounted is the
    /// nearest that can be known.
    func folders(of path: String) -> [String] {
      let above = root.split(separator: "/")
      let names = path.split(separator: "/")
      guard names.starts(with: above), !names.contains("..") else { return [point] }
      let inside = names.dropFirst(above.count)
      return (0...inside.count).map { depth in
        inside.prefix(depth).reduce(point) { $0 + "/" + $1 }
      }
    }

    /// A path in which a space, for one, is written as `\040`.
    private static func unescaped(_ text: Substring) -> String {
      let codes = [(#"\040"#, " "), (#"\011"#, "\t"), (#"\012"#, "\n"), (#"\134"#, #"\"#)]
      return codes.reduce(String(text)) { $0.replacing($1.0, with: $1.1) }
    }
  }
}
