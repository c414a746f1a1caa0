import AssayRuntime
import CVersion

/// Versions that a bundle and a report name.
public enum Versions {
  /// Of the tag that this was built from, with `+dev` behind it when something came after the tag.
  public static let assay = String(cString: assay_version())

  /// The program's, and the engine's that networks run in.
  public static func all(_ engines: Engines) -> [String: String] {
    // Whoever asks has run a network; one that cannot run says so itself.
    guard let engine = try? engines.engine() else { return ["assay": assay] }
    return ["assay": assay, engine.name: engine.version]
  }
}
