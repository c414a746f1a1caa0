import Foundation

/// Deals out items in order, and none that is far ahead of the oldest unfinished one: who hands results on in order then holds a few
/// of them, not all that came while one was slow.
package final class WorkOrder: @unchecked Sendable {
  // Everything that changes is behind the condition's lock.
  private let condition = NSCondition()
  private let count: Int
  private let ahead: Int
  private var next = 0
  private var oldest = 0
  private var finished: Set<Int> = []
  private var isStopped = false

  /// - Parameters:
  ///   - count: items, 0..<count.
  ///   - ahead: how many are under way at once, the oldest among them.
  package init(count: Int, ahead: Int) {
    self.count = count
    self.ahead = max(1, ahead)
  }

  /// The next item; waits for the oldest where that is too far behind.
  /// - Returns: nil when there is none, or the work was stopped.
  package func take() -> Int? {
    condition.lock()
    defer { condition.unlock() }
    while !isStopped, next < count, next >= oldest + ahead { condition.wait() }
    guard !isStopped, next < count else { return nil }
    next += 1
    return next - 1
  }

  package func finish(_ item: Int) {
    condition.lock()
    defer { condition.unlock() }
    finished.insert(item)
    while finished.remove(oldest) != nil { oldest += 1 }
    condition.broadcast()
  }

  /// Nobody gets an item any more.
  package func stop() {
    condition.lock()
    defer { condition.unlock() }
    isStopped = true
    condition.broadcast()
  }
}

/// Pixels that may be in memory at a time, over all threads. What is larger than all of it is let in alone.
package final class PixelBudget: @unchecked Sendable {
  // Everything that changes is behind the condition's lock.
  private let condition = NSCondition()
  private let limit: Int
  private var used = 0

  package init(_ limit: Int) { self.limit = limit }

  package func with<Result>(_ pixels: Int, _ body: () throws -> Result) rethrows -> Result {
    condition.lock()
    while used > 0, used + pixels > limit { condition.wait() }
    used += pixels
    condition.unlock()
    defer {
      condition.lock()
      used -= pixels
      condition.broadcast()
      condition.unlock()
    }
    return try body()
  }
}
