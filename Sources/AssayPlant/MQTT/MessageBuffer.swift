import DequeModule

/// A message on its way to the broker.
struct MQTTMessage: Sendable, Equatable {
  let topic: String
  let payload: [UInt8]
}

/// Messages that wait, in order; when there are too many the oldest goes.
struct MessageBuffer {
  let capacity: Int
  let byteCapacity: Int
  private var messages: Deque<MQTTMessage> = []
  private var bytes = 0
  private(set) var dropped = 0

  init(capacity: Int, byteCapacity: Int) {
    self.capacity = capacity
    self.byteCapacity = byteCapacity
  }

  var count: Int { messages.count }

  mutating func append(_ message: MQTTMessage) {
    messages.append(message)
    bytes += message.payload.count
    shorten()
  }

  mutating func pop() -> MQTTMessage? {
    guard let message = messages.popFirst() else { return nil }
    bytes -= message.payload.count
    return message
  }

  /// Messages that were taken but not acknowledged come back to the front, in their order.
  mutating func putBack(_ earlier: [MQTTMessage]) {
    messages.prepend(contentsOf: earlier)
    bytes += earlier.reduce(0) { $0 + $1.payload.count }
    shorten()
  }

  private mutating func shorten() {
    // The newest stays even if it alone is larger than all may be.
    while count > capacity || (bytes > byteCapacity && count > 1) {
      _ = pop()
      dropped += 1
    }
  }
}
