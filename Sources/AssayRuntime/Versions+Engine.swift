public import AssayBase

extension Versions {
  /// The program's, and the engine's that networks run in.
  public static func all(_ engines: Engines) -> [String: String] {
    // Whoever asks has run a network; one that cannot run says so itself.
    guard let engine = try? engines.engine() else { return ["assay": assay] }
    return ["assay": assay, engine.name: engine.version]
  }
}
