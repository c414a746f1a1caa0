import Foundation
import Synchronization

/// Runs independent parts of a piece of work on all cores.
enum ParallelLoop {
  static func run(_ parts: Int, _ body: @Sendable (Int) -> Void) {
    let next = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: max(1, ProcessInfo.processInfo.activeProcessorCount)) { _ in
      while let part = next.withLock({ value -> Int? in
        guard value < parts else { return nil }
        value += 1
        return value - 1
      }) {
        body(part)
      }
    }
  }

  /// In the order of the indices, whoever computes them.
  /// - Parameter chunk: indices that one core takes at a time.
  static func map<Value: Sendable>(_ count: Int, chunk: Int, _ body: @Sendable (Int) -> Value) -> [Value] {
    let parts = (count + chunk - 1) / chunk
    let results = Mutex([[Value]](repeating: [], count: parts))
    run(parts) { part in
      let values = (part * chunk..<min(count, part * chunk + chunk)).map(body)
      results.withLock { $0[part] = values }
    }
    return results.withLock { Array($0.joined()) }
  }
}
