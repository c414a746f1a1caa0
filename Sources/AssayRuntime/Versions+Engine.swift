import AssayBase

extension Versions {
  /// Of this program and of what runs its graphs.
  public static func all() -> [String: String] {
    ["assay": assay, "openvino": (try? OpenVINOInfo.version()) ?? "unknown"]
  }
}
