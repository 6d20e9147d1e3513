import Foundation
import Starling
import Synchronization
import Testing

@Suite("Thread pool")
struct ThreadPoolTests {
  private static let counts = [1, 2, 3, 8]

  @Test("Each worker runs once a run", arguments: counts)
  func everyWorkerOnce(workers: Int) {
    let runs = 3000
    var visits = [Int](repeating: 0, count: workers)
    var isWhole = true
    visits.withUnsafeMutableBufferPointer { visits in
      nonisolated(unsafe) let visits = visits
      for run in 1...runs {
        ThreadPool.shared.run(workers: workers) { worker in
          if worker.count == workers { visits[worker.index] += 1 }
        }
        // Whoever is not done yet would be one visit behind.
        isWhole = isWhole && visits.allSatisfy { $0 == run }
      }
    }
    #expect(isWhole)
    #expect(visits == Array(repeating: runs, count: workers))
  }

  @Test("The workers run at the same time, and the caller is worker 0", arguments: counts)
  func together(workers: Int) {
    let caller = pthread_self()
    let here = Atomic(0)
    let isCaller = Notes<Bool>()
    ThreadPool.shared.run(workers: workers) { worker in
      here.add(1, ordering: .relaxed)
      // Nobody leaves before all are here.
      while here.load(ordering: .relaxed) < workers { sched_yield() }
      isCaller.add(pthread_equal(pthread_self(), caller) != 0, by: worker)
    }
    #expect(isCaller.inOrder == (0..<workers).map { $0 == 0 })
  }

  @Test("Shares are the whole, in order, and as even as can be", arguments: counts)
  func shares(workers: Int) {
    for units in [0, 1, 2, 7, 8, 9, 100] {
      let shares = Notes<Range<Int>>()
      ThreadPool.shared.run(workers: workers) { shares.add($0.share(of: units), by: $0) }
      #expect(shares.inOrder.flatMap { $0 } == Array(0..<units))
      let sizes = units / workers...(units + workers - 1) / workers
      #expect(shares.inOrder.allSatisfy { sizes.contains($0.count) })
    }
  }

  /// Every round, each worker writes its own number from what its neighbours wrote in the round before.
  private struct Exchange: SharedWork {
    let rounds: Int
    /// Two sets of numbers: the round before's and this round's.
    let numbers: [UnsafeMutablePointer<UInt64>]

    func run(_ worker: Worker) {
      for round in 0..<rounds {
        let before = numbers[round % 2]
        let left = before[(worker.index + worker.count - 1) % worker.count]
        let right = before[(worker.index + 1) % worker.count]
        numbers[(round + 1) % 2][worker.index] = Exchange.next(left, before[worker.index], right)
        worker.barrier()
      }
    }

    static func next(_ left: UInt64, _ own: UInt64, _ right: UInt64) -> UInt64 {
      left &* 3 &+ own &* 5 &+ right &* 7 &+ 1
    }
  }

  @Test("After a barrier, each worker sees what the others wrote before it", arguments: counts)
  func barrier(workers: Int) {
    let rounds = 5000
    var expected = (0..<workers).map(UInt64.init)
    let memory = [0, 1].map { _ in UnsafeMutablePointer<UInt64>.allocate(capacity: workers) }
    defer { for numbers in memory { numbers.deallocate() } }
    for numbers in memory { numbers.initialize(from: expected, count: workers) }
    for _ in 0..<rounds {
      expected = (0..<workers).map { index in
        let left = expected[(index + workers - 1) % workers]
        return Exchange.next(left, expected[index], expected[(index + 1) % workers])
      }
    }
    ThreadPool.shared.run(workers: workers, Exchange(rounds: rounds, numbers: memory))
    #expect(Array(UnsafeBufferPointer(start: memory[rounds % 2], count: workers)) == expected)
  }

  @Test("Runs of different sizes in turn meet at their own barriers")
  func changingSizes() {
    var random = SeededGenerator(seed: 5)
    for _ in 0..<2000 {
      let workers = Int.random(in: 1...8, using: &random)
      let barriers = Int.random(in: 0...3, using: &random)
      let before = Atomic(0)
      let early = Atomic(0)
      ThreadPool.shared.run(workers: workers) { worker in
        for round in 1...4 where round <= barriers {
          before.add(1, ordering: .relaxed)
          worker.barrier()
          if before.load(ordering: .relaxed) < round * workers { early.add(1, ordering: .relaxed) }
        }
      }
      #expect(before.load(ordering: .relaxed) == barriers * workers)
      #expect(early.load(ordering: .relaxed) == 0)
    }
  }

  private static let running = Atomic(0)
  private static let overlaps = Atomic(0)

  @Test("Several threads may call at the same time: their runs take turns")
  func concurrentCallers() async {
    let runs = 500
    let sums = await withTaskGroup(of: Int.self, returning: [Int].self) { group in
      for caller in 0..<4 {
        group.addTask { ThreadPoolTests.sum(runs: runs, workers: caller % 3 + 2) }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(sums == Array(repeating: runs * 4950, count: 4))
    #expect(ThreadPoolTests.overlaps.load(ordering: .relaxed) == 0)
  }

  /// The sum of 0..<100, so many times, each as the sum of the workers' shares.
  private static func sum(runs: Int, workers: Int) -> Int {
    var parts = [Int](repeating: 0, count: workers)
    parts.withUnsafeMutableBufferPointer { parts in
      nonisolated(unsafe) let parts = parts
      for _ in 0..<runs {
        ThreadPool.shared.run(workers: workers) { worker in
          if worker.index == 0, running.add(1, ordering: .relaxed).oldValue != 0 {
            overlaps.add(1, ordering: .relaxed)
          }
          parts[worker.index] += worker.share(of: 100).reduce(0, +)
          worker.barrier()
          if worker.index == 0 { running.subtract(1, ordering: .relaxed) }
        }
      }
    }
    return parts.reduce(0, +)
  }

  @Test("Fewer workers than 1 are 1, and there is an upper limit", arguments: [-1, 0, 1000])
  func unusualCounts(workers: Int) {
    let counts = Notes<Int>()
    ThreadPool.shared.run(workers: workers) { worker in
      counts.add(worker.count, by: worker)
      worker.barrier()
    }
    let expected = workers < 1 ? 1 : ThreadPool.mostWorkers
    #expect(counts.inOrder == Array(repeating: expected, count: expected))
  }

  @Test("A worker that makes a run of its own is stopped, whoever it is", arguments: [0, 1])
  func nested(index: Int) async {
    await #expect(processExitsWith: .failure) { [index] in
      ThreadPool.shared.run(workers: 2) { worker in
        if worker.index == index { ThreadPool.shared.run(workers: 2) { _ in } }
      }
    }
  }

  @Test("A worker outside a run has its share, and is stopped at a barrier")
  func outside() async {
    #expect(Worker(index: 1, count: 3).share(of: 9) == 3..<6)
    Worker.only.barrier()
    await #expect(processExitsWith: .failure) { Worker(index: 1, count: 3).barrier() }
  }

  @Test("A run of one worker may be made anywhere")
  func nestedAlone() {
    let visits = Atomic(0)
    ThreadPool.shared.run(workers: 3) { _ in
      ThreadPool.shared.run(workers: 1) { worker in
        worker.barrier()
        visits.add(1, ordering: .relaxed)
      }
    }
    #expect(visits.load(ordering: .relaxed) == 3)
  }

  @Test("An idle pool takes no processor time, and wakes again")
  func idle() async {
    await #expect(processExitsWith: .success) {
      for workers in [2, 8] {
        for _ in 0..<100 { ThreadPool.shared.run(workers: workers) { $0.barrier() } }
      }
      usleep(50_000)
      let before = processorSeconds()
      usleep(300_000)
      let spent = processorSeconds() - before
      // On a busy machine a thread that looks out and gives way gets little time, but is never asleep.
      let awake = (0..<20).map { _ in
        usleep(2000)
        return threadsAwake()
      }
      let visits = Atomic(0)
      ThreadPool.shared.run(workers: 8) { _ in visits.add(1, ordering: .relaxed) }
      #expect(spent < 0.005)
      #expect(awake.min() == 1)
      #expect(visits.load(ordering: .relaxed) == 8)
    }
  }

  @Test("Who waits long at a barrier takes no processor time, and wakes", arguments: [2, 8])
  func sleepers(workers: Int) async {
    await #expect(processExitsWith: .success) { [workers] in
      ThreadPool.shared.run(workers: workers) { $0.barrier() }
      let before = processorSeconds()
      let late = Atomic(0)
      ThreadPool.shared.run(workers: workers) { worker in
        for round in 1...50 {
          if worker.index == round % workers {
            usleep(4000)
            late.add(1, ordering: .relaxed)
          }
          worker.barrier()
          if late.load(ordering: .relaxed) != round { late.store(-1000, ordering: .relaxed) }
          worker.barrier()
        }
      }
      #expect(late.load(ordering: .relaxed) == 50)
      #expect(processorSeconds() - before < 0.1)
    }
  }

  @Test("Signals are left to the threads of the program, but for a thread's own faults")
  func signals() async {
    await #expect(processExitsWith: .success) {
      // The caller blocks none of these when the pool's threads are started, nor afterwards.
      let signals = [SIGINT, SIGTERM, SIGSEGV]
      var none = sigset_t()
      sigemptyset(&none)
      pthread_sigmask(SIG_SETMASK, &none, nil)
      let blocked = Notes<[Bool]>()
      ThreadPool.shared.run(workers: 3) { worker in
        worker.barrier()
        var current = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &current)
        blocked.add(signals.map { sigismember(&current, $0) == 1 }, by: worker)
      }
      let thread = [true, true, false]
      #expect(blocked.inOrder == [[false, false, false], thread, thread])
    }
  }
}

/// What each worker notes down, behind a lock that the thread sanitizer knows; `Mutex` is foreign to it.
private final class Notes<Note>: @unchecked Sendable {
  private let lock = NSLock()
  private var notes: [(index: Int, note: Note)] = []

  func add(_ note: Note, by worker: Worker) {
    lock.withLock { notes.append((worker.index, note)) }
  }

  /// All notes, in the order of the workers.
  var inOrder: [Note] {
    lock.withLock { notes.sorted { $0.index < $1.index }.map(\.note) }
  }
}

/// The processor time that this process has taken so far.
private func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// How many threads of the process run or want to, the one that asks among them; where the system does not tell, that one.
private func threadsAwake() -> Int {
  #if os(Linux)
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
    return threads.count { thread in
      // The state is the first word after the name, which stands in parentheses.
      let words = try? String(contentsOfFile: "/proc/self/task/\(thread)/stat", encoding: .utf8)
      return words?.split(separator: ")").last?.hasPrefix(" R") == true
    }
  #else
    return 1
  #endif
}
