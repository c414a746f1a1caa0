package import AssayBundle
import AssayInspection
package import AssayRecord

/// Corrected parts that can be learned from: their image was kept, and their class is the bundle's.
package struct CorrectedParts {
  package struct Part {
    package let id: Int64
    package let label: String
    package let hash: String
    package let bytes: [UInt8]
  }

  /// With a correction, whether usable or not.
  package let found: Int
  package let parts: [Part]
  package let warnings: [String]

  package init(_ record: InspectionRecord, bundle: String, _ manifest: Manifest) throws {
    var parts: [Part] = []
    let collection = try CorrectionCollection(record, bundle: bundle, manifest) { inspection, correction in
      guard let bytes = try record.image(inspection.id) else { return false }
      parts.append(
        Part(id: inspection.id, label: correction.class, hash: inspection.imageHash, bytes: bytes))
      return true
    }
    found = collection.found
    self.parts = parts
    warnings = collection.warnings
  }
}
