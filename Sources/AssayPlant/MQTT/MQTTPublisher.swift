package import AssayBase
package import AssayStation
import Foundation
package import Logging
import Synchronization

/// Publishes every result on PREFIX/NAME/result and the station's state, retained, on PREFIX/status (MQTT 3.1.1, QoS 1).
///
/// Results wait in a bounded buffer while the broker is away; a thread of its own connects, sends and connects again, so
/// that no inspection ever waits for it. A result leaves the buffer when the broker has acknowledged it: after a
/// connection was lost some may arrive twice, which is what QoS 1 means.
package final class MQTTPublisher: StationLink {
  /// What PREFIX/status says while the station is there.
  struct Status: Encodable {
    struct Model: Encodable, Equatable {
      let name: String
      let version: String
    }
    let state: String
    var version: String?
    var models: [Model]?
  }

  struct State {
    var buffer: MessageBuffer
    /// Sent and not acknowledged.
    var underWay = 0
    var delivered = 0
    var isUp = false
    var failure: String?
    var isClosing = false
    /// Results that no broker takes.
    var refused = 0
    /// Names under which nothing can be published, each said once.
    var refusedNames: Set<String> = []
  }

  let options: MQTTOptions
  let logger: Logger
  let state: Mutex<State>
  let wakeUp: WakeUp
  private let models: @Sendable () -> [Station.ServedModel]
  private let ended = DispatchSemaphore(value: 0)

  /// Begins to connect, and returns at once: a broker that is away is no error.
  /// - Parameter models: the bundles of the station, asked now and then.
  /// - Throws: `WorkflowError` when libmosquitto is missing (69), options or a bundle's name do not fit (64), or a file cannot
  ///   be read (66).
  package init(
    _ options: MQTTOptions, logger: Logger, models: @escaping @Sendable () -> [Station.ServedModel]
  ) throws(WorkflowError) {
    try options.check()
    for model in models() { try options.check(model: model.name) }
    let calls = try PlantLibrary.mosquitto()
    self.options = options
    self.logger = logger
    self.models = models
    wakeUp = try WakeUp()
    state = Mutex(
      State(
        buffer: MessageBuffer(capacity: options.capacity, byteCapacity: options.byteCapacity),
        failure: "not connected yet"))
    if options.passwordFile != nil, !options.usesTLS, !["localhost", "127.0.0.1", "::1"].contains(options.host) {
      logger.warning("the MQTT password goes over the network unencrypted; use mqtts://")
    }
    // Used by its thread alone, which keeps the publisher until it is closed.
    nonisolated(unsafe) let session = MQTTSession(self, calls)
    let thread = Thread { [ended] in
      session.run()
      ended.signal()
    }
    thread.name = "assay.mqtt"
    thread.start()
  }

  package func receive(_ answer: InspectAnswer) {
    // Bundles of a folder come and go while the station runs.
    if let fault = options.fault(model: answer.model) { return refuse(answer.model, fault) }
    do {
      enqueue(topic: options.resultTopic(answer.model), Array(try answer.document()))
    } catch {
      logger.error("a result cannot be written as JSON", metadata: ["error": "\(error)"])
    }
  }

  private func refuse(_ model: String, _ fault: String) {
    let isFirst = state.withLock { state in
      state.refused += 1
      return state.refusedNames.insert(model).inserted
    }
    guard isFirst else { return }
    logger.error(
      "MQTT: results of this bundle are not published; rename it", metadata: ["model": "\(model)", "cause": "\(fault)"])
  }

  /// A message that no broker takes is given up; others behind it are not.
  func giveUp(_ message: MQTTMessage, _ cause: String) {
    state.withLock { state in
      state.underWay -= 1
      state.refused += 1
    }
    logger.error("MQTT: a result cannot be published", metadata: ["topic": "\(message.topic)", "cause": "\(cause)"])
  }

  /// Puts a message in line; returns at once.
  package func enqueue(topic: String, _ payload: [UInt8]) {
    let isFirstDrop = state.withLock { state in
      let before = state.buffer.dropped
      state.buffer.append(MQTTMessage(topic: topic, payload: payload))
      return before == 0 && state.buffer.dropped > 0
    }
    if isFirstDrop { logger.error("MQTT: the buffer is full, the oldest results are given up") }
    wakeUp.ring()
  }

  package var health: LinkHealth {
    state.withLock { state in
      LinkHealth(
        name: "mqtt", isUp: state.isUp, failure: state.failure, delivered: state.delivered,
        waiting: state.buffer.count + state.underWay, dropped: state.buffer.dropped + state.refused)
    }
  }

  /// Sends what waits, for at most two seconds, says "offline" and disconnects. Blocks.
  package func close() {
    let isFirst = state.withLock { state in
      defer { state.isClosing = true }
      return !state.isClosing
    }
    guard isFirst else { return }
    wakeUp.ring()
    // A broker that does not answer holds nothing up.
    if ended.wait(timeout: .now() + 4) == .timedOut { logger.warning("MQTT: the broker did not answer at the end") }
    let left = health.waiting
    if left > 0 { logger.error("MQTT: results not delivered", metadata: ["count": .stringConvertible(left)]) }
  }

  func online() -> [UInt8] {
    Self.json(
      Status(
        state: "online", version: Versions.assay,
        models: models().map { Status.Model(name: $0.name, version: $0.version) }))
  }

  static let offline = json(Status(state: "offline"))

  private static func json(_ status: Status) -> [UInt8] {
    ((try? InspectAnswer.json(status)).map { Array($0) }) ?? Array("{}".utf8)
  }
}
