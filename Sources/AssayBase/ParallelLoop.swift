import Foundation
import Synchronization

/// Independent pieces of work on all cores.
package enum ParallelLoop {
  /// Short pieces that cannot fail, on the threads that are there.
  package static func run(_ parts: Int, _ body: @Sendable (Int) -> Void) {
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

  /// Results of short pieces in the order of the indices, whoever computes them.
  /// - Parameter chunk: indices that one core takes at a time.
  package static func map<Value: Sendable>(_ count: Int, chunk: Int, _ body: @Sendable (Int) -> Value) -> [Value] {
    let parts = (count + chunk - 1) / chunk
    let results = Mutex([[Value]](repeating: [], count: parts))
    run(parts) { part in
      let values = (part * chunk..<min(count, part * chunk + chunk)).map(body)
      results.withLock { $0[part] = values }
    }
    return results.withLock { Array($0.joined()) }
  }

  /// Pieces that read files or run networks, on threads of their own.
  /// - Parameters:
  ///   - count: of the pieces, which are begun in the order of their indices.
  ///   - workers: threads, the calling one among them; never more than pieces.
  ///   - isCancelled: asked before each piece; when it says so, no further one is begun.
  ///   - state: what each thread makes for itself before its first piece.
  ///   - body: one piece, by its index.
  /// - Throws: the first error of any thread. What is under way is finished then, and nothing else begun.
  package static func run<State, Failure: Error>(
    _ count: Int, workers: Int, isCancelled: @escaping @Sendable () -> Bool = { false },
    state: @escaping @Sendable () throws(Failure) -> State,
    body: @escaping @Sendable (State, Int) throws(Failure) -> Void
  ) throws(Failure) {
    guard count > 0 else { return }
    let next = Atomic<Int>(0)
    let failure = Mutex<Failure?>(nil)
    WorkerThreads.run(count: min(workers, count)) {
      do throws(Failure) {
        let own = try state()
        while failure.withLock({ $0 == nil }), !isCancelled() {
          let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard index < count else { return }
          try body(own, index)
        }
      } catch {
        failure.withLock { $0 = $0 ?? error }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }
}
