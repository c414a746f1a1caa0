extension StationOptions {
  /// The name under which a bundle is served when none is given: its file's, without `.assay`.
  public static func bundleName(_ path: String) -> String { BundleShelf.name(of: path) }
}
