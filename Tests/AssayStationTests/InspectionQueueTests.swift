import AssayStation
import Dispatch
import Synchronization
import Testing

@Suite struct InspectionQueueTests {
  /// Every worker hangs on a long image: what waits is answered when its time is over, not when a worker comes back.
  @Test func waitingEndsAtItsBound() {
    let queue = InspectionQueue(capacity: 8, longestWait: 0.05, workers: 1)
    let gate = DispatchSemaphore(value: 0)
    let begun = DispatchSemaphore(value: 0)
    let refusals = Mutex<[String]>([])
    let refused = DispatchSemaphore(value: 0)
    queue.add(
      InspectionQueue.Job { _ in
        begun.signal()
        gate.wait()
        return { _ in }
      } refuse: { _ in
        Issue.record("it is under way")
      })
    begun.wait()
    for _ in 0..<3 {
      queue.add(
        InspectionQueue.Job { _ in
          { _ in Issue.record("it has waited for too long") }
        } refuse: { refusal in
          refusals.withLock { $0.append(refusal.description) }
          refused.signal()
        })
    }
    #expect(queue.length == 3)
    // The worker is held until all three have been answered: without a timer this never ends.
    for _ in 0..<3 { #expect(refused.wait(timeout: .now() + 60) == .success) }
    #expect(queue.length == 0 && queue.running == 1)
    #expect(refusals.withLock { $0.allSatisfy { $0.contains("--longest-wait") && $0.contains("0.05 s") } })
    gate.signal()
    queue.close()
  }

  /// After the first have expired, the clock goes on for those that came later.
  @Test func theClockGoesOn() {
    let queue = InspectionQueue(capacity: 8, longestWait: 0.05, workers: 1)
    let gate = DispatchSemaphore(value: 0)
    let begun = DispatchSemaphore(value: 0)
    let refused = DispatchSemaphore(value: 0)
    queue.add(
      InspectionQueue.Job { _ in
        begun.signal()
        gate.wait()
        return { _ in }
      } refuse: { _ in
      })
    begun.wait()
    for _ in 0..<4 {
      queue.add(
        InspectionQueue.Job { _ in
          { _ in }
        } refuse: { _ in
          refused.signal()
        })
      #expect(refused.wait(timeout: .now() + 60) == .success)
    }
    gate.signal()
    queue.close()
  }

  @Test func aFullAndAClosedQueueRefuse() {
    let queue = InspectionQueue(capacity: 1, longestWait: 60, workers: 1)
    let gate = DispatchSemaphore(value: 0)
    let answers = Mutex<[String]>([])
    @Sendable func add() {
      queue.add(
        InspectionQueue.Job { _ in
          gate.wait()
          return { _ in answers.withLock { $0.append("done") } }
        } refuse: { refusal in
          answers.withLock { $0.append(refusal.reason ?? "") }
        })
    }
    // One with the worker, one that waits, one too many.
    for _ in 0..<3 { add() }
    #expect(answers.withLock { $0 } == ["queue full"])
    for _ in 0..<2 { gate.signal() }
    queue.close()
    add()
    #expect(answers.withLock { $0 } == ["queue full", "done", "done", "closing"])
  }
}
