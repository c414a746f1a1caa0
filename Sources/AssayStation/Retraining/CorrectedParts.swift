import AssayInspection
import AssayModel
import AssayRecord

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
    let rule = manifest.rule
    var query = RecordQuery()
    query.bundle = bundle
    query.review = .corrected
    // What was shown to try the station was not made on the line.
    query.isTrial = false
    query.limit = 500
    var parts: [Part] = []
    var seen: Set<String> = []
    var (found, withoutImage, otherClass) = (0, 0, 0)
    while true {
      let page = try record.search(query)
      for inspection in page {
        found += 1
        guard let correction = inspection.correction, rule.correctableClasses.contains(correction.class) else {
          otherClass += 1
          continue
        }
        guard inspection.hasImage, let bytes = try record.image(inspection.id) else {
          withoutImage += 1
          continue
        }
        // The newest correction of an image counts.
        guard seen.insert(inspection.imageHash).inserted else { continue }
        parts.append(
          Part(id: inspection.id, label: correction.class, hash: inspection.imageHash, bytes: bytes))
      }
      guard page.count == query.limit, let last = page.last else { break }
      query.before = last.id
    }
    self.found = found
    self.parts = parts
    var warnings: [String] = []
    if withoutImage > 0 { warnings.append("the images of \(withoutImage) corrected parts were not kept") }
    if otherClass > 0 { warnings.append("\(otherClass) corrected parts are of classes that the bundle does not know") }
    self.warnings = warnings
  }
}
