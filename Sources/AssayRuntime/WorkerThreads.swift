import Foundation
import Synchronization

/// Threads of their own for blocking work, which must not hold Swift's cooperative pool.
public enum WorkerThreads {
  /// Runs the work on so many threads, the calling one among them, and waits.
  public static func run(count: Int, _ work: @escaping @Sendable () -> Void) {
    let group = DispatchGroup()
    for _ in 1..<max(count, 1) {
      group.enter()
      let thread = Thread {
        work()
        group.leave()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    work()
    group.wait()
  }
}

/// Something that is made once, by the first thread that asks for it.
final class Lazy<Value: Sendable>: Sendable {
  private let made = Mutex<Result<Value, RuntimeError>?>(nil)
  private let make: @Sendable () throws(RuntimeError) -> Value

  init(_ make: @escaping @Sendable () throws(RuntimeError) -> Value) { self.make = make }

  func get() throws(RuntimeError) -> Value {
    let result = made.withLock { made in
      let own = made ?? Result { () throws(RuntimeError) in try make() }
      made = own
      return own
    }
    return try result.get()
  }
}
