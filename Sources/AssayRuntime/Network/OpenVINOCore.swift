import COpenVINO

/// The process's one OpenVINO core: it owns plugins and threads and lives until the process ends.
final class OpenVINOCore: @unchecked Sendable {
  // OpenVINO's documentation guarantees that a core may be used from several threads.
  let handle: OpaquePointer

  private init() throws(RuntimeError) {
    var core: OpaquePointer?
    try RuntimeError.check(ov_core_create(&core), "start OpenVINO")
    guard let core else {
      throw RuntimeError(operation: "start OpenVINO", cause: "no core was made", remedy: "run `make setup` again")
    }
    handle = core
  }

  private static let instance: Result<OpenVINOCore, RuntimeError> = {
    do throws(RuntimeError) { return .success(try OpenVINOCore()) } catch { return .failure(error) }
  }()

  static func shared() throws(RuntimeError) -> OpenVINOCore { try instance.get() }
}

/// What `assay doctor` tells of OpenVINO.
public enum OpenVINOInfo {
  public static func version() throws(RuntimeError) -> String {
    var version = ov_version_t()
    try RuntimeError.check(ov_get_openvino_version(&version), "ask OpenVINO's version")
    defer { ov_version_free(&version) }
    return version.buildNumber.map { String(cString: $0) } ?? "unknown"
  }

  /// For example `["CPU"]`.
  public static func devices() throws(RuntimeError) -> [String] {
    var devices = ov_available_devices_t()
    try RuntimeError.check(ov_core_get_available_devices(OpenVINOCore.shared().handle, &devices), "list devices")
    defer { ov_available_devices_free(&devices) }
    return (0..<devices.size).compactMap { devices.devices[$0].map { String(cString: $0) } }
  }
}
