import DequeModule
import Dispatch
import Synchronization

/// The memory of a station for what comes from outside: the bytes of requests, and the pixels that they are decoded to.
///
/// Each share has its own bound, and whoever holds bytes of one waits at most for those of a later one, never the other way
/// round; so whatever is held is given back some day, and who waits is served in the order of asking. A body takes its room
/// at once and before it is read: two half-read bodies never wait for each other.
package final class ByteBudget: Sendable {
  package enum Share: Int, Sendable, CaseIterable {
    /// The first bytes of each body, as they arrive: who sends slowly holds little.
    case arriving
    /// Bodies, and the copies that are made of them.
    case bodies
    /// Large answers, until they have been sent.
    case answers
    case pixels

    /// In messages.
    var subject: String {
      switch self {
      case .arriving, .bodies: "the request"
      case .answers: "the answer"
      case .pixels: "the decoded picture"
      }
    }

    /// Sixteenths of the whole.
    fileprivate var part: Int {
      switch self {
      case .arriving: 1
      case .bodies: 4
      case .answers: 2
      case .pixels: 9
      }
    }
  }

  /// Bytes that are held until they are given back.
  package final class Room: Sendable {
    private let budget: ByteBudget
    private let share: Share
    private let held: Atomic<Int>

    fileprivate init(_ budget: ByteBudget, _ share: Share, _ bytes: Int) {
      self.budget = budget
      self.share = share
      held = Atomic(bytes)
    }

    deinit { giveBack() }

    package func giveBack() {
      let bytes = held.exchange(0, ordering: .relaxed)
      if bytes > 0 { budget.giveBack(bytes, share) }
    }
  }

  private struct Waiter {
    let number: Int
    let bytes: Int
    let answer: @Sendable (Bool) -> Void
  }

  private struct State {
    var free: [Int]
    var waiting: [Deque<Waiter>]
    var next = 0
  }

  private let limits: [Int]
  private let state: Mutex<State>
  private let clock = DispatchQueue(label: "assay.budget", qos: .userInitiated)

  /// - Parameter bytes: of all shares together.
  package init(bytes: Int) {
    limits = Share.allCases.map { bytes / 16 * $0.part }
    state = Mutex(State(free: limits, waiting: Share.allCases.map { _ in [] }))
  }

  package func limit(of share: Share) -> Int { limits[share.rawValue] }

  package func free(of share: Share) -> Int { state.withLock { $0.free[share.rawValue] } }

  /// How many wait for it.
  package func waiting(for share: Share) -> Int { state.withLock { $0.waiting[share.rawValue].count } }

  /// Room at once, or none.
  package func takeNow(_ bytes: Int, of share: Share) -> Room? {
    let isFree = state.withLock { state in
      guard state.waiting[share.rawValue].isEmpty, state.free[share.rawValue] >= bytes else { return false }
      state.free[share.rawValue] -= bytes
      return true
    }
    return isFree ? Room(self, share, bytes) : nil
  }

  /// Waits for room until a deadline, in nanoseconds of `DispatchTime`. Blocks.
  /// - Throws: ``PartRefusal/overBudget(_:)`` for what never fits, ``PartRefusal/noRoom(_:)`` at the deadline.
  package func take(_ bytes: Int, of share: Share, until deadline: UInt64) throws(PartRefusal) -> Room {
    if let room = takeNow(bytes, of: share) { return room }
    let isGiven = Mutex(false)
    let answered = DispatchSemaphore(value: 0)
    try wait(bytes, share, deadline) { answer in
      isGiven.withLock { $0 = answer }
      answered.signal()
    }
    answered.wait()
    guard isGiven.withLock({ $0 }) else { throw .noRoom(shortage(bytes, share)) }
    return Room(self, share, bytes)
  }

  /// The same without a thread that waits.
  package func room(_ bytes: Int, of share: Share, until deadline: UInt64) async throws(PartRefusal) -> Room {
    if let room = takeNow(bytes, of: share) { return room }
    let answer = await withCheckedContinuation {
      (continuation: CheckedContinuation<Result<Bool, PartRefusal>, Never>) in
      do throws(PartRefusal) {
        try wait(bytes, share, deadline) { continuation.resume(returning: .success($0)) }
      } catch {
        continuation.resume(returning: .failure(error))
      }
    }
    guard try answer.get() else { throw .noRoom(shortage(bytes, share)) }
    return Room(self, share, bytes)
  }

  private func shortage(_ bytes: Int, _ share: Share) -> BudgetShortage {
    BudgetShortage(what: share.subject, bytes: bytes, limit: limits[share.rawValue])
  }

  /// - Parameter answer: called once, from any thread, unless this throws.
  private func wait(
    _ bytes: Int, _ share: Share, _ deadline: UInt64, answer: @escaping @Sendable (Bool) -> Void
  ) throws(PartRefusal) {
    guard bytes <= limits[share.rawValue] else { throw .overBudget(shortage(bytes, share)) }
    let number = state.withLock { state in
      state.next += 1
      state.waiting[share.rawValue].append(Waiter(number: state.next, bytes: bytes, answer: answer))
      return state.next
    }
    // What was given back in between.
    serve(share)
    clock.asyncAfter(deadline: DispatchTime(uptimeNanoseconds: deadline)) { [weak self] in self?.expire(number, share) }
  }

  private func giveBack(_ bytes: Int, _ share: Share) {
    state.withLock { $0.free[share.rawValue] += bytes }
    serve(share)
  }

  private func serve(_ share: Share) {
    let served = state.withLock { state -> [Waiter] in
      var served: [Waiter] = []
      while let first = state.waiting[share.rawValue].first, first.bytes <= state.free[share.rawValue] {
        state.free[share.rawValue] -= first.bytes
        served.append(state.waiting[share.rawValue].removeFirst())
      }
      return served
    }
    for waiter in served { waiter.answer(true) }
  }

  private func expire(_ number: Int, _ share: Share) {
    let expired = state.withLock { state -> Waiter? in
      guard let place = state.waiting[share.rawValue].firstIndex(where: { $0.number == number }) else { return nil }
      return state.waiting[share.rawValue].remove(at: place)
    }
    guard let expired else { return }
    expired.answer(false)
    // It may have held up smaller ones.
    serve(share)
  }
}
