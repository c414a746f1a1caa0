import Dispatch
import Synchronization

/// Writes what has gathered in one go: while one group is on its way to the disk, the next gathers. So a lone item waits
/// for nothing, and under load many items share one synchronisation of the disk.
final class GroupCommit<Item: Sendable, Outcome: Sendable>: Sendable {
  private struct Waiting: Sendable {
    let item: Item
    let bytes: Int
    let finish: @Sendable (Outcome) -> Void
  }

  private struct State {
    var waiting: [Waiting] = []
    var bytes = 0
    var isWriting = false
  }

  /// What may be written together, or wait.
  struct Limits: Sendable {
    var items: Int
    var bytes: Int
  }

  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "assay.record", qos: .userInitiated)
  private let largestGroup: Limits
  private let capacity: Limits
  private let write: @Sendable ([Item]) -> [Outcome]
  private let tidy: @Sendable ([Item]) -> Void

  /// - Parameters:
  ///   - largestGroup: of one transaction; a larger item is a group of its own.
  ///   - capacity: what may wait.
  ///   - write: puts a group on disk; one outcome for each item.
  ///   - tidy: called on the writing thread when the group has been answered, before the next one is written.
  init(
    largestGroup: Limits, capacity: Limits, write: @escaping @Sendable ([Item]) -> [Outcome],
    tidy: @escaping @Sendable ([Item]) -> Void = { _ in }
  ) {
    self.largestGroup = largestGroup
    self.capacity = capacity
    self.write = write
    self.tidy = tidy
  }

  /// - Parameters:
  ///   - bytes: that the item takes.
  ///   - isWaiting: the calling thread may write, for itself and for those who come meanwhile, when nobody else does:
  ///     waking another thread takes longer than a small group. Otherwise a thread of its own writes.
  ///   - finish: called on the writing thread once the item's group is on disk.
  /// - Returns: false when too many wait; nothing is written then.
  func add(_ item: Item, bytes: Int, isWaiting: Bool, finish: @escaping @Sendable (Outcome) -> Void) -> Bool {
    let answer = state.withLock { state -> (isTaken: Bool, starts: Bool) in
      let isFirst = state.waiting.isEmpty
      guard isFirst || state.waiting.count < capacity.items && state.bytes + bytes <= capacity.bytes else {
        return (false, false)
      }
      state.waiting.append(Waiting(item: item, bytes: bytes, finish: finish))
      state.bytes += bytes
      defer { state.isWriting = true }
      return (true, !state.isWriting)
    }
    if answer.starts {
      if isWaiting { queue.sync { drain() } } else { queue.async { self.drain() } }
    }
    return answer.isTaken
  }

  private func drain() {
    while true {
      let group = state.withLock { state -> [Waiting] in
        var (count, bytes) = (0, 0)
        for item in state.waiting.prefix(largestGroup.items) {
          guard count == 0 || bytes + item.bytes <= largestGroup.bytes else { break }
          count += 1
          bytes += item.bytes
        }
        let group = Array(state.waiting.prefix(count))
        state.waiting.removeFirst(count)
        state.bytes -= bytes
        if group.isEmpty { state.isWriting = false }
        return group
      }
      guard !group.isEmpty else { return }
      let items = group.map(\.item)
      for (waiting, outcome) in zip(group, write(items)) { waiting.finish(outcome) }
      tidy(items)
    }
  }

  /// Blocks until all that was added is written.
  func finish() { queue.sync { drain() } }
}
