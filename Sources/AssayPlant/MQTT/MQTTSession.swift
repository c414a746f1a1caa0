import AssayImage
import CMosquitto
import Foundation
import Logging
import Synchronization

/// The publisher's thread: one connection after another. Everything here happens on that thread.
final class MQTTSession {
  /// Unacknowledged messages at once; libmosquitto's own limit.
  private static let window = 20
  /// Seconds for the broker to accept, and between signs of life.
  private static let patience = 10.0
  private static let keepAlive: Int32 = 20

  private let publisher: MQTTPublisher
  private let calls: assay_mosquitto
  /// By message number, in the order in which they were sent.
  private var underWay: [(number: Int32, message: MQTTMessage)] = []
  private var isUp = false
  private var wasUp = false
  /// Why the connection ended; set by callbacks.
  private var loss: String?
  private var status: [UInt8] = []
  private var lastStatusCheck = 0.0

  init(_ publisher: MQTTPublisher, _ calls: assay_mosquitto) {
    self.publisher = publisher
    self.calls = calls
  }

  private var options: MQTTOptions { publisher.options }
  private var isClosing: Bool { publisher.state.withLock { $0.isClosing } }

  func run() {
    // TLS writes to a connection that is gone; the signal would end the process.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    var delay = options.firstDelay
    while !isClosing {
      wasUp = false
      let cause = converse()
      lose(cause)
      if wasUp { delay = options.firstDelay }
      // Stations that a broker has lost together do not come back together.
      pause(delay * Double.random(in: 0.75...1.25))
      delay = min(delay * 2, options.longestDelay)
    }
  }

  private func lose(_ cause: String?) {
    let returned = underWay.map(\.message)
    underWay = []
    isUp = false
    publisher.state.withLock { state in
      state.buffer.putBack(returned)
      state.underWay = 0
      state.isUp = false
      state.failure = cause ?? "closed"
    }
    if let cause {
      publisher.logger.warning(
        "MQTT: not connected", metadata: ["broker": "\(options.address)", "cause": "\(cause)"])
    }
  }

  private func pause(_ seconds: Double) {
    let until = monotonicSeconds() + seconds
    while !isClosing, monotonicSeconds() < until {
      var waited = [pollfd(fd: publisher.wakeUp.descriptor, events: Int16(POLLIN), revents: 0)]
      poll(&waited, 1, max(1, Int32(clamping: (until - monotonicSeconds()) * 1000)))
      publisher.wakeUp.drain()
      // New results ring as well; they must not make this a busy loop.
      usleep(20_000)
    }
  }

  /// One connection, from beginning to end.
  /// - Returns: why it ended; nil when the station closes.
  private func converse() -> String? {
    let name = "assay-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
    guard let client = calls.new(name, true, Unmanaged.passUnretained(self).toOpaque()) else { return "out of memory" }
    defer { calls.destroy(client) }
    loss = nil
    if let failure = prepare(client) { return failure }
    errno = 0
    let code = calls.connect(client, options.host, Int32(options.port), Self.keepAlive)
    guard code == 0 else { return text(code) }
    let deadline = monotonicSeconds() + Self.patience
    while true {
      if isClosing { return close(client) }
      if let failure = step(client) { return failure }
      if isUp {
        if let failure = send(client) { return failure }
      } else if monotonicSeconds() > deadline {
        return "the broker does not answer"
      }
    }
  }

  private func prepare(_ client: OpaquePointer) -> String? {
    calls.connect_callback_set(client) { _, object, code in
      MQTTSession.from(object)?.connected(code)
    }
    calls.disconnect_callback_set(client) { _, object, code in
      guard let session = MQTTSession.from(object) else { return }
      session.loss = session.loss ?? (code == 0 ? "disconnected" : session.text(code))
    }
    calls.publish_callback_set(client) { _, object, number in
      MQTTSession.from(object)?.acknowledged(number)
    }
    var code = MQTTPublisher.offline.withUnsafeBytes {
      calls.will_set(client, options.statusTopic, Int32($0.count), $0.baseAddress, 1, true)
    }
    guard code == 0 else { return text(code) }
    if options.user != nil {
      // Read each time, as certificates are: they may be renewed while the station runs.
      code = calls.username_pw_set(client, options.user, (try? options.password()) ?? nil)
      guard code == 0 else { return text(code) }
    }
    guard options.usesTLS else { return nil }
    // A key with a passphrase would be asked for at a terminal that nobody watches.
    code = calls.tls_set(
      client, options.authority, options.authority == nil ? "/etc/ssl/certs" : nil, options.certificate, options.key,
      { _, _, _, _ in 0 })
    return code == 0 ? nil : "the certificates cannot be used: " + text(code)
  }

  private static func from(_ object: UnsafeMutableRawPointer?) -> MQTTSession? {
    object.map { Unmanaged<MQTTSession>.fromOpaque($0).takeUnretainedValue() }
  }

  private func connected(_ code: Int32) {
    guard code == 0 else {
      loss = calls.connack_string(code).map { String(cString: $0) } ?? "refused"
      return
    }
    isUp = true
    wasUp = true
    status = []
    publisher.state.withLock { state in
      state.isUp = true
      state.failure = nil
    }
    publisher.logger.info("MQTT: connected", metadata: ["broker": "\(options.address)"])
  }

  private func acknowledged(_ number: Int32) {
    guard let index = underWay.firstIndex(where: { $0.number == number }) else { return }
    underWay.remove(at: index)
    let count = underWay.count
    publisher.state.withLock { state in
      state.underWay = count
      state.delivered += 1
    }
  }

  /// Waits for the network or a result, and does what the network asks for.
  private func step(_ client: OpaquePointer, milliseconds: Int32 = 500) -> String? {
    let socket = calls.socket(client)
    guard socket >= 0 else { return loss ?? "the connection was lost" }
    let wanted = Int16(POLLIN) | (calls.want_write(client) ? Int16(POLLOUT) : 0)
    var waited = [
      pollfd(fd: socket, events: wanted, revents: 0),
      pollfd(fd: publisher.wakeUp.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    poll(&waited, 2, milliseconds)
    publisher.wakeUp.drain()
    var code: Int32 = 0
    errno = 0
    if waited[0].revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 { code = calls.loop_read(client, 1) }
    if code == 0, waited[0].revents & Int16(POLLOUT) != 0 { code = calls.loop_write(client, 1) }
    if code == 0 { code = calls.loop_misc(client) }
    if code != 0 { return loss ?? text(code) }
    return loss
  }

  private func send(_ client: OpaquePointer) -> String? {
    let now = monotonicSeconds()
    if now - lastStatusCheck > 1 || status.isEmpty {
      lastStatusCheck = now
      let fresh = publisher.online()
      if fresh != status {
        if let failure = publish(client, options.statusTopic, fresh, isRetained: true).failure { return failure }
        status = fresh
      }
    }
    while underWay.count < Self.window {
      let next = publisher.state.withLock { state in
        let message = state.buffer.pop()
        if message != nil { state.underWay += 1 }
        return message
      }
      guard let next else { break }
      let (number, failure, isItsOwn) = publish(client, next.topic, next.payload, isRetained: false)
      if let failure, isItsOwn {
        publisher.giveUp(next, failure)
        continue
      }
      underWay.append((number, next))
      if let failure { return failure }
    }
    return nil
  }

  private func publish(
    _ client: OpaquePointer, _ topic: String, _ payload: [UInt8], isRetained: Bool
  ) -> (number: Int32, failure: String?, isItsOwn: Bool) {
    var number: Int32 = 0
    errno = 0
    let code = payload.withUnsafeBytes {
      calls.publish(client, &number, topic, Int32($0.count), $0.baseAddress, 1, isRetained)
    }
    let own = [
      MOSQ_ERR_INVAL, MOSQ_ERR_PAYLOAD_SIZE, MOSQ_ERR_MALFORMED_UTF8, MOSQ_ERR_OVERSIZE_PACKET, MOSQ_ERR_NOT_SUPPORTED,
    ].map(\.rawValue)
    // The message's own fault would come again with every connection.
    return (number, code == 0 ? nil : text(code), own.contains(code))
  }

  /// Sends what waits, says "offline", and disconnects.
  private func close(_ client: OpaquePointer) -> String? {
    let deadline = monotonicSeconds() + 2
    func settle(until isDone: () -> Bool) -> String? {
      while !isDone(), monotonicSeconds() < deadline {
        if let failure = step(client, milliseconds: 50) { return failure }
        if isUp, let failure = send(client) { return failure }
      }
      return nil
    }
    if let failure = settle(until: {
      isUp && underWay.isEmpty && publisher.state.withLock { $0.buffer.count } == 0
    }) {
      return failure
    }
    guard isUp else { return nil }
    // As a result under way, so that its acknowledgement is waited for.
    let (number, failure, _) = publish(client, options.statusTopic, MQTTPublisher.offline, isRetained: true)
    if let failure { return failure }
    underWay.append((number, MQTTMessage(topic: options.statusTopic, payload: MQTTPublisher.offline)))
    let lost = settle { !underWay.contains { $0.number == number } }
    publisher.state.withLock { state in
      if !underWay.contains(where: { $0.number == number }) { state.delivered -= 1 }
    }
    underWay.removeAll { $0.number == number }
    _ = calls.disconnect(client)
    while calls.want_write(client), monotonicSeconds() < deadline, step(client, milliseconds: 50) == nil {}
    return lost
  }

  /// libmosquitto's words for a code; the system's where it says that these tell more.
  private func text(_ code: Int32) -> String {
    let system = errno
    if code == MOSQ_ERR_ERRNO.rawValue, system != 0 { return String(cString: Foundation.strerror(system)) }
    if code == MOSQ_ERR_EAI.rawValue { return "the name \(options.host) is not known" }
    return calls.strerror(code).map { String(cString: $0) } ?? "code \(code)"
  }
}
