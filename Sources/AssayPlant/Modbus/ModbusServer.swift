package import AssayBase
package import AssayStation
import CModbus
import Foundation
package import Logging
import Synchronization

/// Assay as a Modbus TCP server: the PLC triggers, the station inspects, the PLC reads the result (``ModbusRegisters``).
package final class ModbusServer: StationLink {
  /// A part that a PLC has triggered: picture, inspection, verdict.
  /// - Parameter: the part number that the PLC has given; 0 for none.
  package typealias Work = @Sendable (UInt32) async -> Result<ModbusResult, ModbusFault>

  struct State {
    var isClosing = false
    var failure: String?
    var parts = 0
    var outcome: (result: Result<ModbusResult, ModbusFault>, milliseconds: Double)?
  }

  /// The port on which it listens.
  package let port: Int
  let options: ModbusOptions
  let logger: Logger
  let state = Mutex(State())
  let wakeUp: WakeUp
  private let work: Work
  private let ended = DispatchSemaphore(value: 0)

  /// Listens from now on.
  /// - Throws: `WorkflowError` when libmodbus is missing (69) or the address cannot be listened on (69).
  package init(_ options: ModbusOptions, logger: Logger, work: @escaping Work) throws(WorkflowError) {
    let calls = try PlantLibrary.modbus()
    self.options = options
    self.logger = logger
    self.work = work
    wakeUp = try WakeUp()
    let listener = try ModbusListener(calls, options)
    port = listener.port
    // Used by its thread alone, which keeps the server until it is closed.
    nonisolated(unsafe) let loop = ModbusLoop(self, listener)
    let thread = Thread { [ended] in
      loop.run()
      ended.signal()
    }
    thread.name = "assay.modbus"
    thread.start()
    logger.info(
      "Modbus: listening", metadata: ["host": "\(options.host)", "port": .stringConvertible(port)])
  }

  /// Inspects beside the loop, which goes on answering.
  func begin(part: UInt32) {
    let began = monotonicSeconds()
    Task.detached { [self] in
      let result = await work(part)
      if case .failure(let fault) = result { logger.error("Modbus: no verdict", metadata: ["fault": "\(fault)"]) }
      state.withLock { $0.outcome = (result, (monotonicSeconds() - began) * 1000) }
      wakeUp.ring()
    }
  }

  package var health: LinkHealth {
    state.withLock {
      LinkHealth(name: "modbus", isUp: $0.failure == nil, failure: $0.failure, delivered: $0.parts)
    }
  }

  /// Blocks until the port is closed.
  package func close() {
    let isFirst = state.withLock { state in
      defer { state.isClosing = true }
      return !state.isClosing
    }
    guard isFirst else { return }
    wakeUp.ring()
    _ = ended.wait(timeout: .now() + 4)
  }
}

/// A port that listens, and libmodbus's map of what can be read and written.
final class ModbusListener {
  let calls: assay_modbus
  let context: OpaquePointer
  let mapping: UnsafeMutablePointer<modbus_mapping_t>
  let descriptor: Int32
  let port: Int

  init(_ calls: assay_modbus, _ options: ModbusOptions) throws(WorkflowError) {
    self.calls = calls
    guard let context = calls.new_tcp_pi(options.host, String(options.port)),
      let mapping = calls.mapping_new(1, 8, Int32(ModbusRegisters.partNumber.upperBound), Int32(ModbusRegisters.count))
    else { throw WorkflowError(.usage, "\(options.host):\(options.port): Modbus cannot use this address") }
    self.context = context
    self.mapping = mapping
    // After an exception libmodbus waits this long before it goes on; others would wait as well.
    _ = calls.set_response_timeout(context, 0, 1)
    errno = 0
    let descriptor = calls.tcp_pi_listen(context, 512)
    self.descriptor = descriptor
    guard descriptor >= 0 else {
      let cause = errno == 0 ? "the name is not known" : String(cString: Foundation.strerror(errno))
      throw WorkflowError(
        .unavailable,
        "\(options.host):\(options.port): Modbus cannot listen there (\(cause)); ports below 1024 need the right to "
          + "(CAP_NET_BIND_SERVICE), and only one program can have a port")
    }
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    var address = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    port = withUnsafeMutablePointer(to: &address) { storage in
      storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &length) }
      // IPv4 and IPv6 have the port at the same place.
      return storage.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        Int(UInt16(bigEndian: $0.pointee.sin_port))
      }
    }
  }

  deinit {
    Foundation.close(descriptor)
    calls.mapping_free(mapping)
    calls.free(context)
  }
}
