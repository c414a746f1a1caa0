import COneDNN

/// What `assay doctor` tells of oneDNN.
public enum OneDNNInfo {
  public static var version: String {
    guard let version = dnnl_version()?.pointee else { return "unknown" }
    return "\(version.major).\(version.minor).\(version.patch)"
  }
}
