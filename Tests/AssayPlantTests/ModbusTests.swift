import AssayBase
import AssayInspection
import AssayPlant
import AssayStation
import Foundation
import Logging
import Synchronization
import Testing

/// Against libmodbus's client.
@Suite(.enabled(if: PLC.isThere, PLC.comment)) struct ModbusTests {
  private func server(
    connections: Int = 32, work: @escaping ModbusServer.Work
  ) throws -> ModbusServer {
    var options = try ModbusOptions(address: "127.0.0.1:0", isOpen: false)
    options.maximumConnections = connections
    return try ModbusServer(options, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, work: work)
  }

  private static func defect(_ score: Double) -> ModbusResult {
    var result = ModbusResult()
    result.isDefect = true
    result.isUncertain = true
    result.classIndex = 3
    result.score = score
    result.threshold = 0.25
    return result
  }

  @Test func theWholeHandshake() async throws {
    let gate = DispatchSemaphore(value: 0)
    let server = try server { part in
      await blocking { gate.wait() }
      return .success(ModbusTests.defect(part == 70_001 ? 0.87654 : 0))
    }
    defer { server.close() }
    let plc = try PLC(port: server.port)
    #expect(plc.inputs == [true, false, false, false, false, false, false] && plc.registers[14] == 1)
    // 70,001 = 1 * 65,536 + 4,465.
    #expect(plc.write([1, 4465], at: 16))
    plc.set(trigger: true)
    // The answer to the write was sent before, but whoever asks afterwards sees it busy.
    #expect(plc.inputs == [true, true, false, false, false, false, false])
    #expect(plc.registers[4] == 65_535 && plc.registers[5] == 0)
    gate.signal()
    #expect(await eventually { plc.isDone })
    #expect(plc.inputs == [true, false, true, false, true, false, true])
    let words = plc.registers
    #expect(words[0] == 0b101_0101 && words[2...5] == [0, 1, 3, 8765])
    #expect(plc.float(words, 6) == Float(0.87654) && plc.float(words, 8) == 0.25)
    #expect(words[11] == 0 && words[12...13] == [1, 4465])
    #expect(Array(plc.holding[2..<16]) == Array(words[2..<16]))

    // Holding the trigger asks for nothing more; lowering it lowers done and leaves the result.
    plc.set(trigger: true)
    #expect(plc.isDone && !plc.isBusy)
    plc.set(trigger: false)
    #expect(plc.inputs == [true, false, false, false, true, false, true] && !plc.trigger)
    #expect(server.health.delivered == 1)
  }

  @Test func aPartGivenUpAndTheNext() async throws {
    let gate = DispatchSemaphore(value: 0)
    let server = try server { _ in
      await blocking { gate.wait() }
      return .success(ModbusTests.defect(0.5))
    }
    defer { server.close() }
    let plc = try PLC(port: server.port)
    plc.set(trigger: true)
    plc.set(trigger: false)
    #expect(plc.isBusy)
    gate.signal()
    #expect(await eventually { !plc.isBusy })
    #expect(!plc.isDone && plc.registers[3] == 1, "counted, but nobody waits for it")
    // Given up and triggered again while busy: done belongs to the second part.
    plc.set(trigger: true)
    plc.set(trigger: false)
    plc.set(trigger: true)
    gate.signal()
    #expect(await eventually { plc.registers[3] == 2 })
    #expect(plc.isBusy && !plc.isDone)
    gate.signal()
    #expect(await eventually { plc.isDone })
    #expect(plc.registers[3] == 3)
  }

  @Test(arguments: [ModbusFault.noPicture, .unreadable, .busy, .failed, .cameraLost])
  func faults(fault: ModbusFault) async throws {
    let server = try server { _ in .failure(fault) }
    defer { server.close() }
    let plc = try PLC(port: server.port)
    plc.set(trigger: true)
    #expect(await eventually { plc.isDone })
    #expect(plc.inputs == [true, false, true, false, false, true, false])
    #expect(plc.registers[11] == fault.rawValue && plc.registers[4] == 65_535)
  }

  @Test func theHeartBeats() async throws {
    let server = try server { _ in .failure(.failed) }
    defer { server.close() }
    let plc = try PLC(port: server.port)
    let first = plc.registers[1]
    #expect(await eventually { plc.registers[1] > first })
  }

  @Test func resultsCannotBeWritten() async throws {
    let server = try server { _ in .failure(.failed) }
    defer { server.close() }
    let plc = try PLC(port: server.port)
    #expect(!plc.write([1], at: 0) && !plc.write([1], at: 15) && !plc.write([1, 2, 3], at: 16))
    #expect(plc.write([7], at: 17) && plc.holding[16...17] == [0, 7])
    #expect(plc.registers[0] == 1)
  }

  /// What is no frame closes its own connection; half a frame waits; neither disturbs the PLC.
  @Test func malformedFramesDisturbNobody() async throws {
    let server = try server { _ in .success(ModbusTests.defect(0.5)) }
    defer { server.close() }
    let plc = try PLC(port: server.port)
    #expect(plc.inputs[0])
    let readOne: [UInt8] = [0, 1, 0, 0, 0, 6, 1, 4, 0, 0, 0, 1]
    // Byte by byte and two at once: frames are put together.
    let slow = try RawClient(port: server.port)
    for byte in readOne { slow.send([byte]) }
    #expect(slow.receive(11) == [0, 1, 0, 0, 0, 5, 1, 4, 2, 0, 1])
    slow.send(readOne + readOne)
    #expect(slow.receive(22)?.count == 22)
    // Exceptions: an unknown function (43), an address that is not there, a quantity that is too large.
    slow.send([0, 2, 0, 0, 0, 5, 1, 43, 14, 1, 0])
    #expect(slow.receive(9) == [0, 2, 0, 0, 0, 3, 1, 0xAB, 1])
    slow.send([0, 3, 0, 0, 0, 6, 1, 4, 0, 99, 0, 1])
    #expect(slow.receive(9) == [0, 3, 0, 0, 0, 3, 1, 0x84, 2])
    slow.send([0, 4, 0, 0, 0, 6, 1, 4, 0, 0, 0xFF, 0xFF])
    #expect(slow.receive(9) == [0, 4, 0, 0, 0, 3, 1, 0x84, 3])

    let malformed: [[UInt8]] = [
      Array("GET / HTTP/1.1\r\n\r\n".utf8),
      [0, 1, 0, 0, 0, 0, 1, 4],
      [0, 1, 0, 0, 0xFF, 0xFF, 1, 4],
      [0, 1, 0, 7, 0, 6, 1, 4, 0, 0, 0, 1],
      // Lengths that contradict each other: a read with a byte too many, a write of 100 registers that brings one.
      [0, 1, 0, 0, 0, 7, 1, 4, 0, 0, 0, 1, 0],
      [0, 1, 0, 0, 0, 9, 1, 16, 0, 16, 0, 100, 200, 0, 1],
      [0, 1, 0, 0, 0, 6, 1, 16, 0, 16, 0, 1],
    ]
    for frame in malformed {
      let client = try RawClient(port: server.port)
      client.send(frame)
      #expect(client.receive(1) == nil, "the connection is closed after \(frame)")
    }
    var random = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      let client = try RawClient(port: server.port)
      client.send((0..<300).map { _ in UInt8.random(in: 0...255, using: &random) })
    }
    plc.set(trigger: true)
    #expect(await eventually { plc.isDone })
  }

  /// Functions that are not offered, also those that no request may have, are answered with their number, the highest bit
  /// set, and 1 (Modbus Application Protocol 1.1b3, 7: illegal function); the connection goes on.
  @Test(arguments: [0, 7, 8, 22, 23, 43, 100, 127, 128, 129, 131, 144, 200, 255] as [UInt8])
  func functionsThatAreNotOffered(function: UInt8) async throws {
    let server = try server { _ in .success(ModbusTests.defect(0.5)) }
    defer { server.close() }
    let client = try RawClient(port: server.port)
    client.send([0x12, 0x34, 0, 0, 0, 6, 9, function, 0, 0, 0, 1])
    #expect(client.receive(9) == [0x12, 0x34, 0, 0, 0, 3, 9, function | 0x80, 1])
    client.send([0, 1, 0, 0, 0, 2, 1, function])
    #expect(client.receive(9) == [0, 1, 0, 0, 0, 3, 1, function | 0x80, 1], "without any data as well")
    client.send([0, 1, 0, 0, 0, 6, 1, 4, 0, 14, 0, 1])
    #expect(client.receive(11) == [0, 1, 0, 0, 0, 5, 1, 4, 2, 0, 1])
  }

  /// Sixty strangers that read as often as they like: the PLC that has triggered stays connected, and finds a place again
  /// when it comes back.
  @Test func strangersDoNotKeepThePLCOut() async throws {
    let server = try server { _ in .success(ModbusTests.defect(0.5)) }
    defer { server.close() }
    var plc = try PLC(port: server.port)
    plc.set(trigger: true)
    #expect(await eventually { plc.isDone })
    let read: [UInt8] = [0, 1, 0, 0, 0, 6, 1, 4, 0, 14, 0, 1]
    var strangers: [RawClient] = []
    func come() throws {
      for _ in 0..<60 {
        let stranger = try RawClient(port: server.port)
        stranger.send(read)
        _ = stranger.receive(11)
        strangers.append(stranger)
      }
    }
    try come()
    #expect(plc.isDone, "on the connection that it had")
    plc.set(trigger: false)
    plc = try PLC(port: server.port)
    plc.set(trigger: true)
    try come()
    #expect(await eventually { plc.isDone })
    #expect(server.health.delivered == 2)
  }

  /// Connections that say nothing make room; the PLC that talks keeps its own.
  @Test func manyConnections() async throws {
    let server = try server(connections: 8) { _ in .success(ModbusTests.defect(0.5)) }
    defer { server.close() }
    let plc = try PLC(port: server.port)
    #expect(plc.inputs[0])
    var idle: [RawClient] = []
    for _ in 0..<200 { idle.append(try RawClient(port: server.port)) }
    plc.set(trigger: true)
    #expect(await eventually { plc.isDone })
    #expect(idle[0].receive(1) == nil)
  }

  @Test func addresses() async throws {
    let own = try ModbusOptions(address: "1502", isOpen: false)
    #expect(own.host == "127.0.0.1" && own.port == 1502)
    #expect(try ModbusOptions(address: "[::1]:502", isOpen: false).host == "::1")
    #expect(try ModbusOptions(address: "0.0.0.0:502", isOpen: true).port == 502)
    for address in ["0.0.0.0:502", "10.0.0.3:502", "plc", "127.0.0.1:70000", ":502"] {
      let error = #expect(throws: WorkflowError.self) { try ModbusOptions(address: address, isOpen: false) }
      #expect(error?.kind == .usage)
    }
    let taken = try server { _ in .failure(.failed) }
    defer { taken.close() }
    let options = try ModbusOptions(address: "127.0.0.1:\(taken.port)", isOpen: false)
    let error = #expect(throws: WorkflowError.self) {
      try ModbusServer(options, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) { _ in
        .failure(.failed)
      }
    }
    #expect(error?.kind == .unavailable)
  }
}

/// Blocks without holding one of Swift's own threads.
func blocking(_ body: @escaping @Sendable () -> Void) async {
  await withCheckedContinuation { continuation in
    DispatchQueue.global().async {
      body()
      continuation.resume()
    }
  }
}

/// A connection that can say anything.
final class RawClient {
  private let descriptor: Int32

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port)).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(status == 0)
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  func send(_ bytes: [UInt8]) { _ = Foundation.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

  /// nil when the connection was closed first.
  func receive(_ count: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: count)
    while bytes.count < count {
      let got = recv(descriptor, &chunk, count - bytes.count, 0)
      guard got > 0 else { return nil }
      bytes += chunk.prefix(got)
    }
    return bytes
  }
}
