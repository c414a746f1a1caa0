import Foundation

/// A few threads on which people's questions are answered, so that they neither hold up the server's threads nor those that
/// inspect.
final class RecordReaders: @unchecked Sendable {
  private struct Job {
    let arrival: ContinuousClock.Instant
    /// Receives whether it waited too long.
    let run: @Sendable (Bool) -> Void
  }

  private let condition = NSCondition()
  private let limit: Int
  private let capacity: Int
  private let patience: Duration
  private var jobs: [Job] = []
  private var threads = 0
  private var idle = 0
  private var isClosed = false

  /// - Parameters:
  ///   - limit: questions answered at once.
  ///   - capacity: questions that may wait.
  ///   - patience: how long one may wait.
  init(limit: Int = 2, capacity: Int = 64, patience: Duration = .seconds(2)) {
    self.limit = limit
    self.capacity = capacity
    self.patience = patience
  }

  /// - Returns: false when too many wait; the job is not run then.
  func add(_ run: @escaping @Sendable (Bool) -> Void) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    guard !isClosed, jobs.count < capacity else { return false }
    jobs.append(Job(arrival: .now, run: run))
    if idle < jobs.count, threads < limit {
      threads += 1
      let thread = Thread { [self] in work() }
      thread.name = "assay.reader"
      thread.start()
    }
    condition.signal()
    return true
  }

  private func work() {
    ThreadCourtesy.yieldToOthers()
    while let job = next() { job.run(ContinuousClock.now - job.arrival > patience) }
  }

  private func next() -> Job? {
    condition.lock()
    defer { condition.unlock() }
    idle += 1
    while jobs.isEmpty, !isClosed { condition.wait() }
    idle -= 1
    guard !jobs.isEmpty else {
      threads -= 1
      condition.broadcast()
      return nil
    }
    return jobs.removeFirst()
  }

  /// Answers what waits, and ends the threads.
  func close() {
    condition.lock()
    isClosed = true
    condition.broadcast()
    while threads > 0 { condition.wait() }
    condition.unlock()
  }
}
