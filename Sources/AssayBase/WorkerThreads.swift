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
