import CVersion

/// Versions that a bundle and a report name.
public enum Versions {
  /// Of the tag that this was built from, with `+dev` behind it when something came after the tag.
  public static let assay = String(cString: assay_version())
}
