import AssayBase
package import AssayBundle
import AssayImage
import AssayRuntime
import Foundation

/// What a bundle keeps beside its graph so that images can be added and forgotten later: every row of the memory bank,
/// also those not in use, and the image that it comes from.
package struct MemoryFile {
  package static let rowsName = "memory.bin"
  package static let indexName = "memory.json"

  package struct Index: Codable {
    package struct Image: Codable {
      package let name: String
      package let sha256: String
      /// Rows of a forgotten image stay in the file, out of use, so that it can be added again as it was.
      package var isActive: Bool
    }

    package var dimension: Int
    package var images: [Image]
    /// Image of each row, as an index.
    package var origins: [Int]
  }

  package var index: Index
  /// `[count, dimension]`
  package var rows: [Float]

  package init(rows: [Float], dimension: Int, images: [Index.Image], origins: [Int]) {
    self.rows = rows
    index = Index(dimension: dimension, images: images, origins: origins)
  }

  package init(_ bundle: ModelBundle) throws {
    do {
      index = try JSONDecoder().decode(Index.self, from: Data(bundle.contents(Self.indexName)))
      let bytes = try bundle.contents(Self.rowsName)
      rows = HalfFloats.decode(bytes)
    } catch is DecodingError {
      throw WorkflowError(.badData, "\(bundle.path): its \(Self.indexName) is unreadable; train it again")
    }
    guard rows.count == index.origins.count * index.dimension,
      index.origins.allSatisfy({ index.images.indices.contains($0) })
    else { throw WorkflowError(.badData, "\(bundle.path): its memory files do not fit together; train it again") }
    guard rows.allSatisfy(\.isFinite) else {
      throw WorkflowError(
        .badData, "\(bundle.path): its \(Self.rowsName) holds values that are not finite numbers; train it again")
    }
  }

  /// The bundle's files.
  package func files() throws -> [String: [UInt8]] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return [Self.indexName: Array(try encoder.encode(index)), Self.rowsName: HalfFloats.encode(rows)]
  }

  /// Rows of images that are in use.
  package var activeRows: [Int] { index.origins.indices.filter { index.images[index.origins[$0]].isActive } }

  package func gathered(_ chosen: [Int]) -> [Float] {
    let d = index.dimension
    return chosen.flatMap { rows[$0 * d..<($0 + 1) * d] }
  }
}
