import Foundation

/// Counts who reads, and can keep readers waiting for a moment.
///
/// SQLite begins its log anew only while nobody reads what is in it. With somebody always reading it would grow for ever.
final class ReadGate: @unchecked Sendable {
  private let condition = NSCondition()
  private var readers = 0
  private var isShut = false

  func enter() {
    condition.lock()
    while isShut { condition.wait() }
    readers += 1
    condition.unlock()
  }

  func leave() {
    condition.lock()
    readers -= 1
    if readers == 0 { condition.broadcast() }
    condition.unlock()
  }

  /// Calls `body` while nobody reads, or after waiting in vain for those who do.
  func whileShut(patience seconds: Double, _ body: () -> Void) {
    let deadline = Date(timeIntervalSinceNow: seconds)
    condition.lock()
    while isShut { condition.wait() }
    isShut = true
    while readers > 0, condition.wait(until: deadline) {}
    condition.unlock()
    body()
    condition.lock()
    isShut = false
    condition.broadcast()
    condition.unlock()
  }
}
