import Dispatch
import Foundation
import Synchronization

/// What a thread of the pool is told at the beginning of a run.
struct Assignment {
  /// How many times the caller has come to a barrier before this run.
  let start: Int
  /// How many workers there are.
  let count: Int
  /// What they do.
  let work: any SharedWork
}

/// A thread of the pool.
struct PoolThread {
  private let mailbox: UnsafeMutablePointer<Mailbox>

  /// Starts a thread that is a certain worker in all runs; nil if the system refuses.
  init?(index: Int, arrivals: Arrivals) {
    // On lines of its own, as the counts of the barriers are.
    mailbox = UnsafeMutableRawPointer.allocate(
      byteCount: max(Arrivals.line, MemoryLayout<Mailbox>.stride), alignment: Arrivals.line
    ).initializeMemory(as: Mailbox.self, to: Mailbox(index: index, arrivals: arrivals))
    guard PoolThread.start(with: mailbox) else {
      mailbox.deinitialize(count: 1).deallocate()
      return nil
    }
  }

  private init(mailbox: UnsafeMutablePointer<Mailbox>) {
    self.mailbox = mailbox
  }

  /// Gives the thread its part of a run.
  ///
  /// It must have done its part of the one before.
  func hand(_ assignment: Assignment) {
    mailbox.pointee.assignment = assignment
    let next = (mailbox.pointee.number.load(ordering: .relaxed) | 1) + 1
    let before = mailbox.pointee.number.exchange(next, ordering: .acquiringAndReleasing)
    if before & 1 == 1 { mailbox.pointee.bell.signal() }
  }

  /// Whether the current thread is a worker of a run.
  static var isCurrentWorking: Bool {
    get { pthread_getspecific(key) != nil }
    set { pthread_setspecific(key, newValue ? UnsafeRawPointer(bitPattern: 1) : nil) }
  }

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    let error = pthread_key_create(&key, nil)
    precondition(error == 0, "the system gave no key for a value of each thread: error \(error)")
    return key
  }()

  /// Starts a thread that attends to a mailbox for as long as the process lives.
  private static func start(with mailbox: UnsafeMutablePointer<Mailbox>) -> Bool {
    withUnsafeTemporaryAllocation(of: pthread_attr_t.self, capacity: 1) { memory in
      guard let attributes = memory.baseAddress, pthread_attr_init(attributes) == 0 else {
        return false
      }
      defer { pthread_attr_destroy(attributes) }
      pthread_attr_setdetachstate(attributes, Int32(PTHREAD_CREATE_DETACHED))
      pthread_attr_setstacksize(attributes, 2 << 20)
      // A thread blocks the signals that its maker blocks. All are left to the threads of the program,
      // but for those of a fault of its own, and a profiler's.
      var blocked = sigset_t()
      var before = sigset_t()
      sigfillset(&blocked)
      for own in [SIGILL, SIGTRAP, SIGBUS, SIGSEGV, SIGFPE, SIGSYS, SIGPROF] {
        sigdelset(&blocked, own)
      }
      pthread_sigmask(SIG_SETMASK, &blocked, &before)
      defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
      #if canImport(Darwin)
        var thread: pthread_t?
      #else
        var thread = pthread_t()
      #endif
      let error = pthread_create(
        &thread, attributes,
        { argument in
          let argument: UnsafeMutableRawPointer? = argument
          if let argument {
            PoolThread(mailbox: argument.assumingMemoryBound(to: Mailbox.self)).attend()
          }
          return nil
        }, mailbox)
      return error == 0
    }
  }

  /// Does all assignments that ever come.
  private func attend() {
    PoolThread.isCurrentWorking = true
    let index = mailbox.pointee.index
    let arrivals = mailbox.pointee.arrivals
    var last = 0
    var workers = 1
    while true {
      waitAwake(after: last, workers)
      let sleeps = mailbox.pointee.number.compareExchange(
        expected: last, desired: last | 1, ordering: .acquiringAndReleasing
      ).exchanged
      if sleeps { mailbox.pointee.bell.wait() }
      last = mailbox.pointee.number.load(ordering: .acquiring)
      guard let assignment = mailbox.pointee.assignment else { continue }
      workers = assignment.count
      arrivals.start(index, at: assignment.start)
      assignment.work.run(Worker(index: index, count: assignment.count, arrivals: arrivals))
      arrivals.arrive(index, amongst: assignment.count)
    }
  }

  /// Returns when there is another assignment than the last, or none has come for a while.
  private func waitAwake(after last: Int, _ workers: Int) {
    var spin = Spin(for: workers)
    while mailbox.pointee.number.load(ordering: .relaxed) == last, spin.turn() {}
  }
}

/// Where a caller leaves an assignment for a thread.
private struct Mailbox: ~Copyable {
  /// The number of the latest assignment, times two; one more while the thread sleeps.
  let number = Atomic<Int>(0)
  /// Written by the caller before it raises the number, read by the thread after it has seen that.
  var assignment: Assignment?
  /// Which worker the thread is.
  let index: Int
  /// Where it meets the others.
  let arrivals: Arrivals
  /// What wakes it.
  let bell = DispatchSemaphore(value: 0)

  init(index: Int, arrivals: Arrivals) {
    self.index = index
    self.arrivals = arrivals
  }
}
