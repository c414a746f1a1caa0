package import AssayBundle
import Foundation

/// The report of a bundle's last retraining, beside it as `part.retrained.json`, so that it is known after a restart and to whoever
/// asks at the command line.
public enum RetrainingLog {
  private static func path(_ succession: BundleSuccession) -> String {
    let current = succession.current
    return (current.hasSuffix(".assay") ? String(current.dropLast(6)) : current) + ".retrained.json"
  }

  /// nil when there was none, or the file is not one of ours.
  public static func last(of bundle: String) -> RetrainReport? {
    guard let data = FileManager.default.contents(atPath: path(BundleSuccession(bundle))) else { return nil }
    do { return try JSONDecoder().decode(RetrainReport.self, from: data) } catch { return nil }
  }

  /// - Throws: when the folder that the bundle is in cannot be written.
  package static func write(_ report: RetrainReport, beside succession: BundleSuccession) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    try encoder.encode(report).write(to: URL(fileURLWithPath: path(succession)), options: .atomic)
  }
}
