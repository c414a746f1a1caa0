import AssayBase
import Foundation

/// A pipe that ends a `poll` of another thread.
final class WakeUp: Sendable {
  /// To be polled for input.
  let descriptor: Int32
  private let sender: Int32

  init() throws(WorkflowError) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else {
      throw WorkflowError(.inputOutput, "too many files are open; raise the limit (ulimit -n)")
    }
    (descriptor, sender) = (ends[0], ends[1])
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
  }

  deinit {
    close(descriptor)
    close(sender)
  }

  /// From any thread; a full pipe wakes as well as one more byte.
  func ring() {
    var byte: UInt8 = 1
    _ = write(sender, &byte, 1)
  }

  /// By the thread that polls.
  func drain() {
    var bytes = [UInt8](repeating: 0, count: 256)
    while read(descriptor, &bytes, bytes.count) > 0 {}
  }
}

/// Seconds of a clock that nobody sets.
package func monotonicSeconds() -> Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }
