/// Trigger, busy, done, as PLCs expect it.
///
/// The PLC raises `trigger` and holds it; `busy` is high until the result is there, then `done` is. The PLC reads the result
/// and lowers `trigger`, which lowers `done`. A trigger that falls while busy gives its part up: the result is still
/// written and counted, but `done` is not raised for it; raised again meanwhile it asks for the next part.
struct TriggerHandshake: Equatable {
  private(set) var isBusy = false
  private(set) var isDone = false
  private var trigger = false
  private var isGivenUp = false

  /// - Returns: whether an inspection is to begin.
  mutating func set(trigger value: Bool) -> Bool {
    guard value != trigger else { return false }
    trigger = value
    guard value else {
      isDone = false
      if isBusy { isGivenUp = true }
      return false
    }
    if isBusy { return false }
    isBusy = true
    return true
  }

  /// The result has been written.
  /// - Returns: whether the next inspection is to begin.
  mutating func finish() -> Bool {
    let wasGivenUp = isGivenUp
    isGivenUp = false
    isBusy = wasGivenUp && trigger
    isDone = !wasGivenUp && trigger
    return isBusy
  }
}
