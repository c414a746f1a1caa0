import AssayModel
import AssayRuntime
import Foundation

/// The backbones that Assay knows, and where their weights are.
public enum BackboneCatalogue {
  public struct Entry: Sendable {
    public let variant: EfficientNetLite.Variant
    /// Where `make setup` puts the weights.
    public let path: String
    /// SHA-256 of the file as published.
    public let sha256: String

    public var name: String { variant.rawValue }
    public var isInstalled: Bool { FileManager.default.fileExists(atPath: path) }
  }

  public static let defaultName = EfficientNetLite.Variant.lite0.rawValue

  private static let hashes: [EfficientNetLite.Variant: String] = [
    .lite0: "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    .lite1: "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
    .lite2: "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
  ]

  public static let entries: [Entry] = EfficientNetLite.Variant.allCases.map { variant in
    Entry(
      variant: variant,
      path: "\(FeatureCache.defaultFolder)/weights/\(variant.rawValue)/\(variant.fileName)",
      sha256: hashes[variant] ?? "")
  }

  /// Loads a backbone's weights and checks them against the published hash.
  public static func load(_ name: String) throws(WorkflowError) -> EfficientNetLite {
    guard let entry = entries.first(where: { $0.name == name }) else {
      throw WorkflowError(
        .usage, "there is no backbone \(name); choose among \(entries.map(\.name).joined(separator: ", "))")
    }
    guard let data = FileManager.default.contents(atPath: entry.path) else {
      throw WorkflowError(.unavailable, "\(entry.path): the weights of \(name) are missing; run `make setup`")
    }
    let bytes = [UInt8](data)
    let hash = SHA256Digest(of: bytes).hex
    guard hash == entry.sha256 else {
      throw WorkflowError(
        .badData, "\(entry.path): not the published weights (SHA-256 \(hash)); delete the file and run `make setup`")
    }
    do {
      return EfficientNetLite(
        entry.variant, weights: try StateDict(bytes: bytes, source: entry.path), weightsHash: hash)
    } catch {
      throw WorkflowError(error)
    }
  }
}
