import COneDNN
import COneDNNLoader

/// What `assay doctor` tells of oneDNN.
public enum OneDNNInfo {
  /// Why it cannot be opened, and what helps; nil when it can.
  public static var failure: String? { assay_onednn_failure().map { String(cString: $0) } }

  /// - Precondition: it can be opened.
  public static var version: String {
    guard let version = dnnl_version()?.pointee else { return "unknown" }
    return "\(version.major).\(version.minor).\(version.patch)"
  }
}
