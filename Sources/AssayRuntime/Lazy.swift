import Synchronization

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
