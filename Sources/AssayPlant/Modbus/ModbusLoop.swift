import CModbus
import Foundation
import Synchronization

/// The server's thread: connections, frames and registers. Everything here happens on that thread.
///
/// Frames are put together here, without blocking, and handed to libmodbus whole and consistent: a caller that sends
/// half a frame, or nothing, or nonsense, holds nobody up, and file descriptors above 1,023 (which libmodbus's own
/// `select` cannot have) do not matter.
final class ModbusLoop {
  private let server: ModbusServer
  private let listener: ModbusListener
  private var connections: ModbusConnections
  /// When the listener is looked at again after descriptors ran out.
  private var nextAccept = 0.0
  private var registers = ModbusRegisters()
  private var nextBeat = monotonicSeconds() + 1

  init(_ server: ModbusServer, _ listener: ModbusListener) {
    self.server = server
    self.listener = listener
    connections = ModbusConnections(maximum: server.options.maximumConnections)
    registers.isReady = true
    registers.write(to: listener.mapping)
  }

  func run() {
    while !server.state.withLock({ $0.isClosing }) {
      var polled = ([server.wakeUp.descriptor, listener.descriptor] + connections.all.map(\.descriptor)).map {
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
      if monotonicSeconds() < nextAccept { polled[1].events = 0 }
      poll(&polled, nfds_t(polled.count), pollMilliseconds)
      server.wakeUp.drain()
      beat()
      takeOutcome()
      let known = connections.all.map(\.descriptor)
      let ready = Set(polled.dropFirst(2).filter { $0.revents != 0 }.map(\.fd))
      for descriptor in known where ready.contains(descriptor) { hear(descriptor) }
      if polled[1].revents != 0 { accept() }
    }
    for connection in connections.all { close(connection.descriptor) }
  }

  private var pollMilliseconds: Int32 {
    let now = monotonicSeconds()
    let until = now < nextAccept ? min(nextBeat, nextAccept) : nextBeat
    return Int32(max(1, min(1000, (until - now) * 1000 + 1)))
  }

  private func beat() {
    let now = monotonicSeconds()
    guard now >= nextBeat else { return }
    nextBeat = now + 1
    registers.heartbeat &+= 1
    registers.write(to: listener.mapping)
  }

  private func takeOutcome() {
    guard let (result, milliseconds) = server.state.withLock({ $0.outcome.take() }) else { return }
    switch result {
    case .success(let result): registers.result = result
    case .failure(let fault): registers.fault = fault
    }
    registers.milliseconds = milliseconds
    registers.parts &+= 1
    server.state.withLock { $0.parts += 1 }
    if registers.handshake.finish() { begin() }
    registers.write(to: listener.mapping)
  }

  private func begin() {
    let given = ModbusRegisters.partNumber.map { UInt32(listener.mapping.pointee.tab_registers[$0]) }
    let part = given[0] << 16 | given[1]
    registers.begin(part: part)
    server.begin(part: part)
  }

  /// Takes in who waits, a number at a time, so that those who are connected are heard meanwhile.
  private func accept() {
    for _ in 0..<64 {
      var storage = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let descriptor = withUnsafeMutablePointer(to: &storage) { storage in
        storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Foundation.accept(listener.descriptor, $0, &length)
        }
      }
      guard descriptor >= 0 else {
        if errno == EMFILE || errno == ENFILE || errno == ENOMEM {
          // The listener stays readable, which must not become a busy loop, and nobody who talks is to wait for it.
          guard let silent = connections.expendable else {
            nextAccept = monotonicSeconds() + 0.05
            return
          }
          drop(silent)
          continue
        }
        if errno == ECONNABORTED || errno == EINTR { continue }
        return
      }
      _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      var yes: Int32 = 1
      let size = socklen_t(MemoryLayout<Int32>.size)
      setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, size)
      // A PLC that lost its power says nothing; after two minutes its connection is given up.
      setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &yes, size)
      var seconds: Int32 = 60
      setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_KEEPIDLE, &seconds, size)
      seconds = 20
      setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_KEEPINTVL, &seconds, size)
      let connection = ModbusConnections.Connection(
        descriptor: descriptor, address: Self.address(storage), heard: monotonicSeconds())
      if let other = connections.add(connection) { drop(other) }
      // What has come with it counts at once.
      hear(descriptor)
    }
  }

  private static func address(_ storage: sockaddr_storage) -> [UInt8] {
    withUnsafeBytes(of: storage) { bytes in
      let isSix = storage.ss_family == sa_family_t(AF_INET6)
      let start =
        isSix ? MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr) : MemoryLayout<sockaddr_in>.offset(of: \.sin_addr)
      return Array(bytes.dropFirst(start ?? 0).prefix(isSix ? 16 : 4))
    }
  }

  private func drop(_ descriptor: Int32) {
    close(descriptor)
    connections.remove(descriptor)
  }

  /// Reads what is there, at most one frame's worth, and answers whole frames.
  private func hear(_ descriptor: Int32) {
    guard let index = connections.index(of: descriptor) else { return }
    var chunk = [UInt8](repeating: 0, count: ModbusFrame.longest)
    let count = recv(descriptor, &chunk, chunk.count, 0)
    if count < 0, errno == EAGAIN || errno == EINTR { return }
    guard count > 0 else { return drop(descriptor) }
    connections[index].bytes += chunk.prefix(count)
    while let index = connections.index(of: descriptor) {
      let frame = connections[index].bytes
      switch ModbusFrame(frame) {
      case .incomplete: return
      case .malformed: return drop(descriptor)
      case .unsupported(let length):
        guard answer(index, length, exception: MODBUS_EXCEPTION_ILLEGAL_FUNCTION) else { return drop(descriptor) }
        hear(descriptor, isTrigger: false)
      case .request(let length):
        let written = ModbusFrame.writtenRegisters(frame)
        let isAllowed = written.map { $0.clamped(to: ModbusRegisters.partNumber) == $0 } ?? true
        let exception = isAllowed ? nil : MODBUS_EXCEPTION_ILLEGAL_DATA_ADDRESS
        guard answer(index, length, exception: exception) else { return drop(descriptor) }
        hear(descriptor, isTrigger: ModbusFrame.writesTrigger(frame))
      }
    }
  }

  /// Only what makes sense keeps a connection young.
  private func hear(_ descriptor: Int32, isTrigger: Bool) {
    if let other = connections.hear(descriptor, isTrigger: isTrigger, at: monotonicSeconds()) { drop(other) }
  }

  /// - Returns: false when the connection is of no more use.
  private func answer(_ index: Int, _ length: Int, exception: Int?) -> Bool {
    // libmodbus may look at any byte of the longest frame.
    var frame = connections[index].bytes.prefix(length) + [UInt8](repeating: 0, count: ModbusFrame.longest - length)
    connections[index].bytes.removeFirst(length)
    let calls = listener.calls
    _ = calls.set_socket(listener.context, connections[index].descriptor)
    let sent = frame.withUnsafeMutableBufferPointer { buffer in
      if let exception {
        // libmodbus adds 128 to the function, which turns one above 127 into another.
        let reply = ModbusFrame.exception(exception, to: Array(buffer))
        return Int32(send(connections[index].descriptor, reply, reply.count, Int32(MSG_NOSIGNAL)))
      }
      return calls.reply(listener.context, buffer.baseAddress, Int32(length), listener.mapping)
    }
    if registers.handshake.set(trigger: listener.mapping.pointee.tab_bits[0] != 0) { begin() }
    registers.write(to: listener.mapping)
    return sent > 0
  }
}
