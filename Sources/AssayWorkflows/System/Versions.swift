import AssayRuntime

/// Versions that a bundle and a report name.
public enum Versions {
  public static let assay = "0.1.0"

  public static func all() -> [String: String] {
    ["assay": assay, "openvino": (try? OpenVINOInfo.version()) ?? "unknown"]
  }
}
