import AssayBase
package import AssayBundle
import AssayData
import AssayGraph
import AssayImage
import AssayRuntime
import Foundation

/// What a few-shot bundle keeps beside its graph so that images can be added later: the features of every image that it
/// learned from.
package struct SupportFile {
  package static let rowsName = "support.bin"
  package static let indexName = "support.json"
  private static let currentVersion = 1

  package struct Image: Codable {
    package let name: String
    /// Where it was; only the evidence map's baseline and the report's pictures look there again.
    package let path: String
    package let sha256: String
    package let `class`: String
    package let group: String?
    /// ISO 8601, UTC; nil for those of training.
    package let addedAt: String?
  }

  private struct Index: Codable {
    let version: Int
    let dimension: Int
    let images: [Image]
  }

  package let dimension: Int
  package let images: [Image]
  /// `[images, dimension]`
  package let rows: [Float]

  /// - Parameters:
  ///   - rows: those learned from.
  ///   - added: when images came later, by SHA-256.
  package init(_ data: ExtractedDataset, rows chosen: [Int], added: [String: String]) {
    let hashes = data.hashes
    dimension = data.features.dimension
    images = chosen.map { row in
      let sample = data.samples[row]
      return Image(
        name: sample.name, path: sample.path, sha256: hashes[row], class: data.dataset.classes[data.labels[row]],
        group: sample.unit, addedAt: added[hashes[row]])
    }
    rows = chosen.flatMap { data.features.values(of: $0) }
  }

  /// Reads a bundle's files.
  /// - Throws: when they do not fit together or to the manifest.
  package init(_ bundle: ModelBundle) throws {
    func damaged(_ cause: String, _ remedy: String = "train it again") -> WorkflowError {
      WorkflowError(.badData, "\(bundle.path): \(cause); \(remedy)")
    }
    let index: Index
    do {
      index = try JSONDecoder().decode(Index.self, from: Data(bundle.contents(Self.indexName)))
    } catch is DecodingError {
      throw damaged("its \(Self.indexName) is unreadable")
    }
    guard index.version <= Self.currentVersion else {
      throw damaged(
        "its \(Self.indexName) has version \(index.version), this Assay reads up to \(Self.currentVersion)",
        "update Assay")
    }
    let bytes = try bundle.contents(Self.rowsName)
    let classes = Set(bundle.manifest.classes)
    guard index.dimension > 0, index.dimension < 1 << 24, bytes.count == 4 * index.images.count * index.dimension,
      index.images.allSatisfy({ classes.contains($0.class) && SHA256Digest(hex: $0.sha256) != nil })
    else { throw damaged("its support files do not fit together") }
    dimension = index.dimension
    images = index.images
    rows = bytes.withUnsafeBytes(FloatBytes.decode)
    guard rows.allSatisfy(\.isFinite) else { throw damaged("its \(Self.rowsName) holds no features") }
  }

  /// The bundle's files.
  package func files() throws -> [String: [UInt8]] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let index = Index(version: Self.currentVersion, dimension: dimension, images: images)
    return [
      Self.indexName: Array(try encoder.encode(index)),
      Self.rowsName: FloatBytes.encode(rows),
    ]
  }
}
