import Starling
import Testing

/// On texts as Linux gives them.
@Suite("Processors that a process may use")
struct ProcessorsTests {
  /// The number on a machine of 16, where the given files are.
  private func usable(_ files: [String: String]) -> Int {
    Processors.usable(of: 16) { files[$0] }
  }

  @Test("Without such files, all of the machine")
  func noFiles() {
    #expect(usable([:]) == 16)
    #expect(Processors.usable(of: 0) { _ in nil } == 1)
  }

  @Test(
    "Those that the process is bound to",
    arguments: [
      ("0-15", 16), ("0", 1), ("3", 1), ("0-1", 2), ("1,3", 2), ("0-3,8,10-11", 7),
      // What is not understood is left aside.
      ("", 16), ("0-", 1), ("some", 16), ("3-1", 16),
    ])
  func affinity(list: String, count: Int) {
    let status = "Name:\ta\nCpus_allowed:\tffff\nCpus_allowed_list:\t\(list)\nMems_allowed:\t1\n"
    #expect(usable(["/proc/self/status": status]) == count)
  }

  private static let mount2 =
    "24 1 0:22 / /sys rw - sysfs sysfs rw\n"
    + "31 24 0:27 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"

  @Test(
    "The quota of a group of version 2, rounded up",
    arguments: [
      ("200000 100000\n", 2), ("150000 100000", 2), ("10000 100000", 1), ("max 100000", 16),
      ("9000000 100000", 16), ("0 100000", 16), ("200000 0", 16), ("", 16), ("2", 16),
    ])
  func quota2(maximum: String, count: Int) {
    let files = [
      "/proc/self/cgroup": "0::/user.slice/run\n", "/proc/self/mountinfo": Self.mount2,
      "/sys/fs/cgroup/user.slice/run/cpu.max": maximum,
    ]
    #expect(usable(files) == count)
  }

  @Test("The least quota of a group and of those above it holds")
  func ancestors() {
    var files = [
      "/proc/self/cgroup": "0::/a/b/c\n", "/proc/self/mountinfo": Self.mount2,
      "/sys/fs/cgroup/a/b/c/cpu.max": "max 100000", "/sys/fs/cgroup/a/b/cpu.max": "500000 100000",
      "/sys/fs/cgroup/a/cpu.max": "300000 100000",
    ]
    #expect(usable(files) == 3)
    files["/sys/fs/cgroup/cpu.max"] = "100000 100000"
    #expect(usable(files) == 1)
    files["/proc/self/cgroup"] = "0::/d\n"
    files["/sys/fs/cgroup/cpu.max"] = nil
    #expect(usable(files) == 16, "a group beside it has no say")
  }

  @Test(
    "The quota of a group of version 1",
    arguments: [("-1\n", 16), ("250000\n", 3), ("100000\n", 1), ("50000\n", 1)])
  func quota1(quota: String, count: Int) {
    let files = [
      "/proc/self/cgroup": "5:memory:/\n4:cpu,cpuacct:/docker/7f\n0::/elsewhere\n",
      // What a container sees: its own group, mounted as if it were the whole.
      "/proc/self/mountinfo":
        "30 24 0:26 /docker/7f /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
        + "31 24 0:27 /docker/7f /sys/fs/cgroup/cpu\\040time ro - cgroup cgroup rw,cpu,cpuacct\n",
      "/sys/fs/cgroup/cpu time/cpu.cfs_quota_us": quota,
      "/sys/fs/cgroup/cpu time/cpu.cfs_period_us": "100000\n",
      "/sys/fs/cgroup/memory/cpu.cfs_quota_us": "100000\n",
      "/sys/fs/cgroup/memory/cpu.cfs_period_us": "100000\n",
    ]
    #expect(usable(files) == count)
  }

  @Test("A group outside what is mounted: the mounted one's quota", arguments: ["/../x", "/other"])
  func outside(path: String) {
    let files = [
      "/proc/self/cgroup": "0::\(path)\n",
      "/proc/self/mountinfo": Self.mount2.replacing("0:27 / ", with: "0:27 /box "),
      "/sys/fs/cgroup/cpu.max": "400000 100000",
    ]
    #expect(usable(files) == 4)
  }

  @Test("The narrower of affinity and quota")
  func both() {
    let files = [
      "/proc/self/status": "Cpus_allowed_list:\t0-3\n", "/proc/self/cgroup": "0::/\n",
      "/proc/self/mountinfo": Self.mount2, "/sys/fs/cgroup/cpu.max": "800000 100000",
    ]
    #expect(usable(files) == 4)
    #expect(usable(files.merging(["/sys/fs/cgroup/cpu.max": "200000 100000"]) { $1 }) == 2)
  }

  @Test("The least memory that a group and those above it leave, in either version")
  func memory() {
    func limit(_ files: [String: String]) -> Double? { ControlGroup.memoryLimit { files[$0] } }
    var files = [
      "/proc/self/cgroup": "0::/a/b\n", "/proc/self/mountinfo": Self.mount2,
      "/sys/fs/cgroup/a/b/memory.max": "max\n",
    ]
    #expect(limit(files) == nil)
    files["/sys/fs/cgroup/a/memory.max"] = "4294967296\n"
    #expect(limit(files) == 4_294_967_296)
    files["/sys/fs/cgroup/a/b/memory.max"] = "1073741824\n"
    #expect(limit(files) == 1_073_741_824)
    let mount1 = "35 24 0:30 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory\n"
    files = [
      "/proc/self/cgroup": "9:memory:/run\n4:cpu,cpuacct:/other\n",
      "/proc/self/mountinfo": mount1,
      "/sys/fs/cgroup/memory/run/memory.limit_in_bytes": "2147483648\n",
    ]
    #expect(limit(files) == 2_147_483_648)
    #expect(Processors.usable(of: 16) { files[$0] } == 16)
    #expect(limit([:]) == nil)
  }
}
