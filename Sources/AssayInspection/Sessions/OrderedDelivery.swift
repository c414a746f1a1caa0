import Synchronization

/// Hands results on in order, though they arrive in any.
package final class OrderedDelivery<Value: Sendable>: Sendable {
  private let receive: @Sendable (Int, Value) -> Void
  private let state = Mutex<(next: Int, waiting: [Int: Value])>((0, [:]))

  package init(_ receive: @escaping @Sendable (Int, Value) -> Void) { self.receive = receive }

  package func deliver(_ index: Int, _ value: Value) {
    state.withLock { state in
      state.waiting[index] = value
      while let ready = state.waiting.removeValue(forKey: state.next) {
        receive(state.next, ready)
        state.next += 1
      }
    }
  }
}
