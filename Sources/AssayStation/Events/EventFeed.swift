import DequeModule
import Foundation
import Synchronization

/// Tells whoever listens what happens at the station, as it happens.
///
/// No verdict waits for a reader: each has a bounded queue, and who does not keep up is let go. The newest parts are
/// remembered, so that who comes back with the mark of the last one seen misses none.
package final class EventFeed: StationLink {
  package struct Limits: Sendable {
    /// That listen at once.
    package var readers = 64
    /// Events that may wait for one reader.
    package var waiting = 256
    /// Parts that are remembered.
    package var remembered = 512
    /// Between two signs of life.
    package var pulse = Duration.seconds(1)

    package init() {}
  }

  /// Why nobody else can listen.
  package enum Refusal: Error {
    case full(readers: Int)
    case closed
  }

  /// Since the station began.
  package struct Counts: Sendable, Equatable {
    package var readers = 0
    /// Parts that were told.
    package var parts: Int64 = 0
    /// Readers that there was no room for.
    package var refused = 0
    /// Readers that did not keep up.
    package var dropped = 0
  }

  private struct Listener {
    let model: String?
    let queue: AsyncStream<StationEvent>.Continuation
    let letGo: @Sendable () -> Void
  }

  private struct State {
    var remembered: Deque<PartEvent> = []
    var listeners: [Int: Listener] = [:]
    var nextListener = 0
    var counts = Counts()
    var isClosed = false
  }

  private let limits: Limits
  private let run = String(UInt64.random(in: 1 << 32..<1 << 48), radix: 36)
  private let clock = DispatchQueue(label: "assay.events", qos: .userInitiated)
  private let state = Mutex(State())

  package init(_ limits: Limits = Limits()) {
    self.limits = limits
    beatLater()
  }

  // MARK: - Telling

  package func receive(_ answer: InspectAnswer) {
    tell(answer.model) { try answer.document() }
  }

  package func receive(_ failure: InspectionFailure) {
    tell(failure.model) { try InspectAnswer.json(failure) }
  }

  /// The bundles, or how one of them is, have changed.
  package func bundlesChanged() { send(.bundles) }

  private func tell(_ model: String, _ make: @escaping @Sendable () throws -> Data) {
    let document = EventDocument(model: model, make)
    let late = state.withLock { state -> [Listener] in
      guard !state.isClosed else { return [] }
      state.counts.parts += 1
      let part = PartEvent(
        mark: EventMark(run: run, number: state.counts.parts), model: model, document: document)
      state.remembered.append(part)
      if state.remembered.count > limits.remembered { state.remembered.removeFirst() }
      // Under the lock, so that all are told in one order.
      return Self.send(.part(part), of: model, &state)
    }
    for listener in late { listener.letGo() }
  }

  private func send(_ event: StationEvent) {
    let late = state.withLock { Self.send(event, of: nil, &$0) }
    for listener in late { listener.letGo() }
  }

  /// - Parameter model: whose event it is; nil for everybody's.
  /// - Returns: those who have not kept up, and listen no more.
  private static func send(_ event: StationEvent, of model: String?, _ state: inout State) -> [Listener] {
    var late: [Listener] = []
    for (number, listener) in state.listeners where model == nil || listener.model == nil || listener.model == model {
      guard case .dropped = listener.queue.yield(event) else { continue }
      state.listeners[number] = nil
      late.append(listener)
    }
    state.counts.dropped += late.count
    for listener in late { listener.queue.finish() }
    return late
  }

  private func beatLater() {
    let pulse = DispatchTimeInterval.nanoseconds(Int(limits.pulse / .nanoseconds(1)))
    clock.asyncAfter(deadline: .now() + pulse) { [weak self] in
      guard let self, !self.state.withLock(\.isClosed) else { return }
      self.send(.alive)
      self.beatLater()
    }
  }

  // MARK: - Listening

  /// Somebody listens from now on.
  /// - Parameters:
  ///   - model: whose parts are told; nil for all bundles'.
  ///   - mark: of the last part seen, for who comes back.
  ///   - letGo: called at most once, on any thread, when the reader does not keep up.
  package func reader(
    of model: String? = nil, after mark: EventMark? = nil, letGo: @escaping @Sendable () -> Void = {}
  ) throws(Refusal) -> EventReader {
    let (events, queue) = AsyncStream.makeStream(
      of: StationEvent.self, bufferingPolicy: .bufferingOldest(limits.waiting))
    let result = state.withLock { state -> Result<EventReader, Refusal> in
      guard !state.isClosed else { return .failure(.closed) }
      guard state.listeners.count < limits.readers else {
        state.counts.refused += 1
        return .failure(.full(readers: limits.readers))
      }
      let number = state.nextListener
      state.nextListener += 1
      state.listeners[number] = Listener(model: model, queue: queue, letGo: letGo)
      return .success(
        EventReader(
          past: past(of: model, after: mark, state), events: events,
          leave: { [weak self] in self?.leave(number) }))
    }
    return try result.get()
  }

  private func past(of model: String?, after mark: EventMark?, _ state: State) -> EventReader.Past {
    guard let mark else { return EventReader.Past() }
    let isSameRun = mark.run == run && mark.number <= state.counts.parts
    let seen = isSameRun ? mark.number : 0
    let parts = state.remembered.filter { $0.mark.number > seen && (model == nil || $0.model == model) }
    let oldest = state.counts.parts - Int64(state.remembered.count) + 1
    return EventReader.Past(
      parts: Array(parts), isResumed: isSameRun, missed: isSameRun ? Int(max(0, oldest - seen - 1)) : nil)
  }

  private func leave(_ number: Int) {
    let listener = state.withLock { $0.listeners.removeValue(forKey: number) }
    listener?.queue.finish()
  }

  package var counts: Counts {
    state.withLock { state in
      var counts = state.counts
      counts.readers = state.listeners.count
      return counts
    }
  }

  package var health: LinkHealth {
    let counts = counts
    return LinkHealth(name: "events", isUp: true, delivered: Int(counts.parts), dropped: counts.dropped)
  }

  /// Who listens hears the end of it.
  package func close() {
    let listeners = state.withLock { state in
      state.isClosed = true
      defer { state.listeners = [:] }
      return Array(state.listeners.values)
    }
    for listener in listeners { listener.queue.finish() }
  }
}

/// Somebody who listens, until it is let go of.
package final class EventReader: Sendable {
  /// What was told while it was away.
  package struct Past: Sendable {
    /// The oldest first.
    package var parts: [PartEvent] = []
    /// Whether it has come back to the same run of the station.
    package var isResumed = false
    /// Parts of all bundles that were told meanwhile and are no longer remembered; nil when that is not known.
    package var missed: Int?
  }

  package let past: Past
  /// Ends when the station closes, or when the reader has not kept up.
  package let events: AsyncStream<StationEvent>
  private let leave: @Sendable () -> Void

  fileprivate init(past: Past, events: AsyncStream<StationEvent>, leave: @escaping @Sendable () -> Void) {
    self.past = past
    self.events = events
    self.leave = leave
  }

  deinit { leave() }

  /// ``events`` ends once what waits has been taken.
  package func end() { leave() }
}
