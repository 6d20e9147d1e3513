#if os(Linux)
  import Foundation
  import Testing

  @Suite("starling's threads")
  struct ThreadsTests {
    @Test("As many as the processors that the process is bound to, or as many as are asked for")
    func boundToOne() throws {
      let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
      let first = try #require(status.firstMatch(of: /Cpus_allowed_list:\s*(\d+)/)).1
      for (arguments, threads) in [([], 1), (["--threads", "3"], 3)] as [([String], Int)] {
        let run = try Running(
          ["bench", "--mode", "infer", "--batch-size", "8", "--json"] + arguments,
          shell: "taskset -cp \(first) $$ > taskset.log"
        ).finish()
        #expect(run.status == 0, "\(run.errors)")
        #expect(try run.json()["threads"] as? Int == threads)
      }
    }
  }
#endif
