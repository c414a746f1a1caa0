import NIOCore
import Synchronization

/// What one connection, and all of them together, may take, and how it answers by itself.
struct ConnectionRules: Sendable {
  /// For a request to arrive from its first byte on, for its answer to be taken, and for what still comes after an answer
  /// that ends the connection.
  let exchange: TimeAmount
  /// Without a request.
  let idle: TimeAmount
  /// Bytes of one request line and header.
  let headerBytes: Int
  let heads: HeadBudget
  let headers: AnswerHeaders
  /// Is told of what the connection answers by itself.
  let refused: @Sendable (HTTPFailure) -> Void
}

/// Bytes of all heads that are not whole yet: thousands of connections that each hold back the end of a head must not
/// take the memory of thousands of heads.
final class HeadBudget: Sendable {
  private let total: Int
  private let used = Atomic<Int>(0)

  init(total: Int) { self.total = total }

  /// False when there is no room for these bytes, which are counted all the same until they are given back.
  func take(_ bytes: Int) -> Bool { used.wrappingAdd(bytes, ordering: .relaxed).newValue <= total }

  func giveBack(_ bytes: Int) {
    if bytes > 0 { used.wrappingSubtract(bytes, ordering: .relaxed) }
  }
}
