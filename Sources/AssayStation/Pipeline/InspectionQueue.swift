import AssayRuntime
import DequeModule
import Foundation
import Synchronization

/// A bounded queue before as many workers as there are cores, and one that decodes meanwhile.
///
/// A lone request is inspected at once, on all cores. What queues up is taken as soon as a worker is free and inspected
/// side by side, one image a core: that is OpenVINO's way of batching on a processor, and no request ever waits for others
/// to fill a batch.
///
/// Of several idle workers the one that worked last is woken: what the network keeps for each thread is still in its core's
/// cache.
///
/// A job that waits is refused when its time is over, whatever the workers do meanwhile.
package final class InspectionQueue: Sendable {
  /// A job's time with a worker.
  package struct Slot: Sendable {
    /// Nothing else is being inspected, so that all cores may work on this image.
    package let isAlone: Bool
    /// Nanoseconds of `DispatchTime`.
    package let arrived: UInt64
    package let deadline: UInt64

    package init(isAlone: Bool, arrived: UInt64, deadline: UInt64) {
      self.isAlone = isAlone
      self.arrived = arrived
      self.deadline = deadline
    }

    /// Since it arrived.
    package var milliseconds: Double { Double(DispatchTime.now().uptimeNanoseconds - arrived) / 1e6 }
  }

  package struct Job: Sendable {
    /// Called by a worker. What it returns is called once the worker no longer counts as inspecting: it answers.
    package let work: @Sendable (Slot) -> @Sendable (Turn) -> Void
    /// Called instead when it is not inspected.
    package let refuse: @Sendable (PartRefusal) -> Void

    package init(
      work: @escaping @Sendable (Slot) -> @Sendable (Turn) -> Void, refuse: @escaping @Sendable (PartRefusal) -> Void
    ) {
      self.work = work
      self.refuse = refuse
    }
  }

  /// A worker's time on one job.
  ///
  /// Whoever is answered may ask again before the worker has come back from answering. The job would go to another worker
  /// then, and the network would find nothing in the cache, so the worker counts as free a moment before it is.
  package final class Turn: Sendable {
    private let owner = pthread_self()
    private let isOver = Atomic(false)
    private let didEnd: @Sendable () -> Void

    fileprivate init(didEnd: @escaping @Sendable () -> Void) { self.didEnd = didEnd }

    fileprivate var hasEnded: Bool { isOver.load(ordering: .relaxed) }

    /// To be called just before the answer is given; of no effect on another thread than the worker's.
    package func end() {
      guard pthread_equal(owner, pthread_self()) != 0, !isOver.exchange(true, ordering: .relaxed) else { return }
      didEnd()
    }
  }

  private struct Waiting {
    let job: Job
    let arrived: UInt64
    let deadline: UInt64
  }

  private struct State {
    /// In the order of their deadlines, since all may wait equally long.
    var waiting: Deque<Waiting> = []
    /// Numbers of workers that sleep or are about to, the last to have worked at the end.
    var idle: [Int] = []
    var running = 0
    var isClosed = false
    /// Whether the clock looks for jobs whose time is over.
    var isTimed = false
  }

  package let capacity: Int
  private let longestWait: Double
  private let state = Mutex(State())
  /// One for each worker.
  private let signals: [DispatchSemaphore]
  private let group = DispatchGroup()
  private let clock = DispatchQueue(label: "assay.waiting", qos: .userInitiated)
  private var workers: Int { signals.count }
  /// Called when work begins, with how many inspections are under way.
  private let began: @Sendable (Int) -> Void

  /// - Parameters:
  ///   - capacity: requests that may wait beside those under way.
  ///   - longestWait: in seconds.
  package init(
    capacity: Int, longestWait: Double, workers: Int = Machine.coreCount + 1,
    began: @escaping @Sendable (Int) -> Void = { _ in }
  ) {
    self.capacity = capacity
    self.longestWait = longestWait
    signals = (0..<workers).map { _ in DispatchSemaphore(value: 0) }
    self.began = began
    for number in 0..<workers {
      group.enter()
      let thread = Thread { [self] in
        work(number)
        group.leave()
      }
      thread.name = "assay.inspect.\(number)"
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  /// Requests that wait.
  package var length: Int { state.withLock { $0.waiting.count } }
  /// Requests under way.
  package var running: Int { state.withLock { $0.running } }

  /// When something that arrives now has waited for too long, in nanoseconds of `DispatchTime`.
  package var deadline: UInt64 { DispatchTime.now().uptimeNanoseconds + UInt64(min(longestWait, 1e9) * 1e9) }

  /// Refuses the job when there is no room.
  package func add(_ job: Job) {
    let arrived = DispatchTime.now().uptimeNanoseconds
    let waiting = Waiting(job: job, arrived: arrived, deadline: deadline)
    let (refusal, worker, isFirst) = state.withLock { state -> (PartRefusal?, Int?, Bool) in
      if state.isClosed { return (.closed, nil, false) }
      // A free worker takes it at once: only what exceeds the workers waits.
      if state.waiting.count + state.running >= capacity + workers { return (.full, nil, false) }
      state.waiting.append(waiting)
      defer { state.isTimed = true }
      return (nil, state.idle.popLast(), !state.isTimed)
    }
    if let refusal { return job.refuse(refusal) }
    // When none is idle, the first that becomes free looks for it.
    if let worker { signals[worker].signal() }
    if isFirst { expire(at: waiting.deadline) }
  }

  private func expire(at deadline: UInt64) {
    clock.asyncAfter(deadline: DispatchTime(uptimeNanoseconds: deadline)) { [weak self] in self?.expire() }
  }

  private func expire() {
    let now = DispatchTime.now().uptimeNanoseconds
    let (expired, next) = state.withLock { state -> ([Waiting], UInt64?) in
      var expired: [Waiting] = []
      while let first = state.waiting.first, first.deadline <= now { expired.append(state.waiting.removeFirst()) }
      state.isTimed = !state.waiting.isEmpty
      return (expired, state.waiting.first?.deadline)
    }
    if let next { expire(at: next) }
    for waiting in expired { waiting.job.refuse(.waitedTooLong(seconds: longestWait)) }
  }

  /// Finishes what waits and ends the workers.
  package func close() {
    let idle = state.withLock { state in
      state.isClosed = true
      defer { state.idle = [] }
      return state.idle
    }
    for worker in idle { signals[worker].signal() }
    group.wait()
  }

  private func work(_ number: Int) {
    while true {
      let next = state.withLock { state -> (waiting: Waiting?, isAlone: Bool, running: Int, isClosed: Bool) in
        let waiting = state.waiting.popFirst()
        if waiting != nil { state.running += 1 } else { state.idle.append(number) }
        return (waiting, state.running == 1 && state.waiting.isEmpty, state.running, state.isClosed)
      }
      guard let waiting = next.waiting else {
        if next.isClosed { return }
        signals[number].wait()
        continue
      }
      began(next.running)
      let slot = Slot(isAlone: next.isAlone, arrived: waiting.arrived, deadline: waiting.deadline)
      let answer = waiting.job.work(slot)
      state.withLock { $0.running -= 1 }
      let turn = Turn { [self] in state.withLock { $0.idle.append(number) } }
      answer(turn)
      guard turn.hasEnded else { continue }
      let isCalled = state.withLock { state in
        guard let place = state.idle.lastIndex(of: number) else { return true }
        state.idle.remove(at: place)
        return false
      }
      if isCalled { signals[number].wait() }
    }
  }
}
