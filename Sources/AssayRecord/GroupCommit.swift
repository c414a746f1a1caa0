import Dispatch
import Synchronization

/// Writes what has gathered in one go: while one group is on its way to the disk, the next gathers. So a lone item waits
/// for nothing, and under load many items share one synchronisation of the disk.
final class GroupCommit<Item: Sendable, Outcome: Sendable>: Sendable {
  private struct Waiting: Sendable {
    let item: Item
    let finish: @Sendable (Outcome) -> Void
  }

  private struct State {
    var waiting: [Waiting] = []
    var isWriting = false
  }

  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "assay.record", qos: .userInitiated)
  private let largestGroup: Int
  private let capacity: Int
  private let write: @Sendable ([Item]) -> [Outcome]
  private let tidy: @Sendable ([Item]) -> Void

  /// - Parameters:
  ///   - largestGroup: items in one transaction.
  ///   - capacity: items that may wait.
  ///   - write: puts a group on disk; one outcome for each item.
  ///   - tidy: called on the writing thread when the group has been answered, before the next one is written.
  init(
    largestGroup: Int, capacity: Int, write: @escaping @Sendable ([Item]) -> [Outcome],
    tidy: @escaping @Sendable ([Item]) -> Void = { _ in }
  ) {
    self.largestGroup = largestGroup
    self.capacity = capacity
    self.write = write
    self.tidy = tidy
  }

  /// - Parameters:
  ///   - isWaiting: the calling thread may write, for itself and for those who come meanwhile, when nobody else does:
  ///     waking another thread takes longer than a small group. Otherwise a thread of its own writes.
  ///   - finish: called on the writing thread once the item's group is on disk.
  /// - Returns: false when too many wait; nothing is written then.
  func add(_ item: Item, isWaiting: Bool, finish: @escaping @Sendable (Outcome) -> Void) -> Bool {
    let answer = state.withLock { state -> (isTaken: Bool, starts: Bool) in
      guard state.waiting.count < capacity else { return (false, false) }
      state.waiting.append(Waiting(item: item, finish: finish))
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
        let group = Array(state.waiting.prefix(largestGroup))
        state.waiting.removeFirst(group.count)
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
