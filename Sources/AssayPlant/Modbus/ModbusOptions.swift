package import AssayBase

/// Where the station listens as a Modbus server.
package struct ModbusOptions: Sendable, Equatable {
  package let host: String
  /// 0 for any free one.
  package let port: Int
  /// Seconds for which a trigger waits for its picture.
  package var patience = 2.0
  /// Connections at once that have said something; how others make room is told by ``ModbusConnections``.
  package var maximumConnections = 32

  /// - Parameters:
  ///   - address: `HOST:PORT`, `[IPV6]:PORT`, or a port of this machine alone.
  ///   - isOpen: whether other machines may connect. Modbus knows no password: whoever reaches the port can trigger
  ///     inspections and read results.
  /// - Throws: `WorkflowError` (usage).
  package init(address: String, isOpen: Bool) throws(WorkflowError) {
    let colon = address.lastIndex(of: ":")
    let text = colon.map { address[address.index(after: $0)...] } ?? address[...]
    guard let port = Int(text), (0...65_535).contains(port) else {
      throw WorkflowError(.usage, "\(address): give the address on which to listen for the PLC as 127.0.0.1:1502")
    }
    var host = colon.map { String(address[..<$0]) } ?? "127.0.0.1"
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    guard !host.isEmpty else {
      throw WorkflowError(.usage, "\(address): the host is missing; 127.0.0.1\(address) listens on this machine only")
    }
    let isLoopback = host == "localhost" || host == "::1" || host.hasPrefix("127.")
    guard isLoopback || isOpen else {
      throw WorkflowError(
        .usage,
        "\(host) can be reached from other machines, and Modbus has no authentication: anybody there could trigger "
          + "inspections; add --modbus-open if the network is the PLC's own")
    }
    self.host = host
    self.port = port
  }
}
