package import AssayBase
package import CAravis
package import CModbus
package import CMosquitto

/// The libraries behind the links. They are opened when a link is used: a station without a broker, a PLC or a camera needs
/// none of them, and every other command starts as fast as without them.
package enum PlantLibrary: String, Sendable, CaseIterable {
  case mosquitto, modbus, aravis

  /// Debian's package with the library.
  package var package: String {
    switch self {
    case .mosquitto: "libmosquitto1"
    case .modbus: "libmodbus5"
    case .aravis: "libaravis-0.8-0"
    }
  }

  /// What needs it.
  package var purpose: String {
    switch self {
    case .mosquitto: "MQTT (--mqtt)"
    case .modbus: "Modbus TCP (--modbus)"
    case .aravis: "a camera (camera, serve --camera)"
    }
  }

  /// Why the library cannot be opened; nil when it can.
  package var failure: String? {
    switch self {
    case .mosquitto: Self.failure(Self.mosquittoCalls)
    case .modbus: Self.failure(Self.modbusCalls)
    case .aravis: Self.failure(Self.aravisCalls)
    }
  }

  private static func failure(_ calls: Result<some Any, Missing>) -> String? {
    if case .failure(let missing) = calls { return missing.cause }
    return nil
  }

  private struct Missing: Error {
    let cause: String
  }

  private static func open<Calls>(
    _ load: (UnsafeMutablePointer<UnsafePointer<CChar>?>) -> UnsafePointer<Calls>?
  ) -> Result<Calls, Missing> {
    var message: UnsafePointer<CChar>?
    guard let calls = load(&message) else {
      return .failure(Missing(cause: message.map { String(cString: $0) } ?? "it cannot be opened"))
    }
    return .success(calls.pointee)
  }

  private static let mosquittoCalls: Result<assay_mosquitto, Missing> = {
    let calls = open(assay_mosquitto_load)
    if case .success(let calls) = calls { _ = calls.lib_init() }
    return calls
  }()
  private static let modbusCalls = open(assay_modbus_load)
  private static let aravisCalls = open(assay_aravis_load)

  private func opened<Calls>(_ calls: Result<Calls, Missing>) throws(WorkflowError) -> Calls {
    switch calls {
    case .success(let calls): return calls
    case .failure(let missing):
      throw WorkflowError(
        .unavailable, "\(purpose) needs a library that is not here (\(missing.cause)); apt-get install \(package)")
    }
  }

  /// - Throws: `WorkflowError` (unavailable, exit code 69) with the package to install.
  package static func mosquitto() throws(WorkflowError) -> assay_mosquitto {
    try PlantLibrary.mosquitto.opened(mosquittoCalls)
  }

  /// - Throws: `WorkflowError` (unavailable, exit code 69) with the package to install.
  package static func aravis() throws(WorkflowError) -> assay_aravis { try PlantLibrary.aravis.opened(aravisCalls) }

  /// - Throws: `WorkflowError` (unavailable, exit code 69) with the package to install.
  package static func modbus() throws(WorkflowError) -> assay_modbus { try PlantLibrary.modbus.opened(modbusCalls) }
}
