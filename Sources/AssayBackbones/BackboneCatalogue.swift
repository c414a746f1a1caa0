public import AssayBase
public import AssayGraph
import AssayRuntime
import AssayWeights
import Foundation

/// The backbones that Assay knows, and where their weights are.
public enum BackboneCatalogue {
  public struct Entry: Sendable {
    public enum Kind: Sendable, Equatable {
      case efficientNetLite(EfficientNetLite.Variant)
      /// An ONNX file that the user brought.
      case imported
      /// Weights of a published network that the user brought.
      case pretrained
    }

    public let name: String
    public let kind: Kind
    /// The file of weights (or the graph).
    public let path: String
    /// SHA-256 of the file as published, or as it was imported.
    public let sha256: String
    /// Side of the square input in pixels that is used unless another is asked for.
    public let inputSize: Int

    public var isInstalled: Bool { FileManager.default.fileExists(atPath: path) }
  }

  public static let defaultName = EfficientNetLite.Variant.lite0.rawValue

  private static let hashes: [EfficientNetLite.Variant: String] = [
    .lite0: "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    .lite1: "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
    .lite2: "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
  ]

  /// Those that `make setup` installs, then those imported, by name.
  public static var entries: [Entry] {
    EfficientNetLite.Variant.allCases.map { variant in
      Entry(
        name: variant.rawValue, kind: .efficientNetLite(variant),
        path: "\(FeatureCache.defaultFolder)/weights/\(variant.rawValue)/\(variant.fileName)",
        sha256: hashes[variant] ?? "", inputSize: variant.nativeSize / 32 * 32)
    } + BackboneLibrary.entries
  }

  /// Loads a backbone's weights and checks them against the known hash.
  /// - Parameter name: of the catalogue, or the path of a bundle.
  public static func load(_ name: String) throws(WorkflowError) -> any Backbone {
    guard let entry = entries.first(where: { $0.name == name }) else {
      if BundleBackbones.isBundle(name) { return try BundleBackbones.load(name) }
      throw WorkflowError(
        .usage,
        "there is no backbone \(name); choose among \(entries.map(\.name).joined(separator: ", ")), or bring one with "
          + "`assay backbones import FILE`; a trained bundle's folder (part.assay) will do as well")
    }
    let bytes: [UInt8]
    do throws(PlainFile.Refusal) {
      // Weights may lie on another disk: a link is followed, since their hash is known.
      bytes = try PlainFile.contents(entry.path, links: .followed)
    } catch {
      guard error.isMissing else { throw WorkflowError(.unavailable, "\(error); make it readable or run `make setup`") }
      throw WorkflowError(.unavailable, "\(entry.path): the weights of \(name) are missing; run `make setup`")
    }
    let hash = SHA256Digest(of: bytes).hex
    do {
      switch entry.kind {
      case .efficientNetLite(let variant):
        guard hash == entry.sha256 else {
          throw WorkflowError(
            .badData, "\(entry.path): not the published weights (SHA-256 \(hash)); delete the file and run `make setup`"
          )
        }
        return EfficientNetLite(variant, weights: try StateDict(bytes: bytes, source: entry.path), weightsHash: hash)
      case .imported:
        guard hash == entry.sha256 else {
          throw WorkflowError(
            .badData, "\(entry.path): not the file that was imported (SHA-256 \(hash)); import it again")
        }
        return ImportedBackbone(
          try BackboneLibrary.card(name), model: try BackboneImport.readGraph(bytes, path: entry.path).model)
      case .pretrained:
        guard let card = BackboneLibrary.summary(name), hash == entry.sha256 else {
          throw WorkflowError(
            .badData, "\(entry.path): not the file that was imported (SHA-256 \(hash)); import it again")
        }
        let state = try StateDict(bytes: bytes, source: entry.path)
        let network = try NetworkRecognition.network(
          of: state, convention: card.convention.flatMap(InvertedResidualNetwork.Convention.init))
        return PretrainedBackbone(
          network, weights: state, description: card.description, weightsHash: hash, normalisation: card.normalisation)
      }
    } catch {
      throw WorkflowError(error)
    }
  }

  /// What is known of an imported network without loading it; nil for built-in ones.
  public static func summary(of entry: Entry) -> ImportedNetwork? {
    switch entry.kind {
    case .efficientNetLite: nil
    case .imported, .pretrained: BackboneLibrary.summary(entry.name)
    }
  }
}
