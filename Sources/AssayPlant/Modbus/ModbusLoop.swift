import CModbus
import Foundation

/// The server's thread: connections, frames and registers. Everything here happens on that thread.
///
/// Frames are put together here, without blocking, and handed to libmodbus whole and consistent: a caller that sends
/// half a frame, or nothing, or nonsense, holds nobody up, and file descriptors above 1,023 (which libmodbus's own
/// `select` cannot have) do not matter.
final class ModbusLoop {
  private struct Connection {
    let descriptor: Int32
    var bytes: [UInt8] = []
    /// Whether a whole frame has come.
    var hasSpoken = false
    /// When it came, or when the connection was made.
    var heard = monotonicSeconds()
  }

  private let server: ModbusServer
  private let listener: ModbusListener
  private var connections: [Connection] = []
  private var registers = ModbusRegisters()
  private var nextBeat = monotonicSeconds() + 1

  init(_ server: ModbusServer, _ listener: ModbusListener) {
    self.server = server
    self.listener = listener
    registers.isReady = true
    registers.write(to: listener.mapping)
  }

  func run() {
    while !server.state.withLock({ $0.isClosing }) {
      var polled = ([server.wakeUp.descriptor, listener.descriptor] + connections.map(\.descriptor)).map {
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
      poll(&polled, nfds_t(polled.count), Int32(max(1, min(1000, (nextBeat - monotonicSeconds()) * 1000 + 1))))
      server.wakeUp.drain()
      beat()
      takeOutcome()
      let known = connections.map(\.descriptor)
      let ready = Set(polled.dropFirst(2).filter { $0.revents != 0 }.map(\.fd))
      for descriptor in known where ready.contains(descriptor) { hear(descriptor) }
      if polled[1].revents != 0 { accept() }
    }
    for connection in connections { close(connection.descriptor) }
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

  private func accept() {
    while true {
      let descriptor = Foundation.accept(listener.descriptor, nil, nil)
      guard descriptor >= 0 else {
        // No descriptor is free: the listener stays readable, which must not become a busy loop.
        if errno == EMFILE || errno == ENFILE || errno == ENOMEM { usleep(50_000) }
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
      if connections.count >= server.options.maximumConnections,
        let silent = connections.min(by: { ($0.hasSpoken ? 1 : 0, $0.heard) < ($1.hasSpoken ? 1 : 0, $1.heard) })
      {
        drop(silent.descriptor)
      }
      connections.append(Connection(descriptor: descriptor))
    }
  }

  private func drop(_ descriptor: Int32) {
    close(descriptor)
    connections.removeAll { $0.descriptor == descriptor }
  }

  /// Reads what is there, at most one frame's worth, and answers whole frames.
  private func hear(_ descriptor: Int32) {
    guard let index = connections.firstIndex(where: { $0.descriptor == descriptor }) else { return }
    var chunk = [UInt8](repeating: 0, count: ModbusFrame.longest)
    let count = recv(descriptor, &chunk, chunk.count, 0)
    if count < 0, errno == EAGAIN || errno == EINTR { return }
    guard count > 0 else { return drop(descriptor) }
    connections[index].bytes += chunk.prefix(count)
    while true {
      switch ModbusFrame(connections[index].bytes) {
      case .incomplete: return
      case .malformed: return drop(descriptor)
      case .unsupported(let length):
        guard answer(index, length, exception: MODBUS_EXCEPTION_ILLEGAL_FUNCTION) else { return drop(descriptor) }
      case .request(let length):
        let written = ModbusFrame.writtenRegisters(connections[index].bytes)
        let isAllowed = written.map { $0.clamped(to: ModbusRegisters.partNumber) == $0 } ?? true
        let exception = isAllowed ? nil : MODBUS_EXCEPTION_ILLEGAL_DATA_ADDRESS
        guard answer(index, length, exception: exception) else { return drop(descriptor) }
      }
      // Only what makes sense keeps a connection young.
      connections[index].hasSpoken = true
      connections[index].heard = monotonicSeconds()
    }
  }

  /// - Returns: false when the connection is of no more use.
  private func answer(_ index: Int, _ length: Int, exception: Int?) -> Bool {
    // libmodbus may look at any byte of the longest frame.
    var frame = connections[index].bytes.prefix(length) + [UInt8](repeating: 0, count: ModbusFrame.longest - length)
    connections[index].bytes.removeFirst(length)
    let calls = listener.calls
    _ = calls.set_socket(listener.context, connections[index].descriptor)
    let sent = frame.withUnsafeMutableBufferPointer { buffer in
      if let exception { return calls.reply_exception(listener.context, buffer.baseAddress, UInt32(exception)) }
      return calls.reply(listener.context, buffer.baseAddress, Int32(length), listener.mapping)
    }
    if registers.handshake.set(trigger: listener.mapping.pointee.tab_bits[0] != 0) { begin() }
    registers.write(to: listener.mapping)
    return sent > 0
  }
}
