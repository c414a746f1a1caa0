package import AssayBundle
import AssayInspection
package import AssayRecord

/// What operators have corrected of a bundle's parts, counted.
package struct CorrectionCollection: Sendable, Codable, Equatable {
  /// With a correction, whether usable or not.
  package private(set) var found = 0
  /// Images that can be learned from, each once.
  package private(set) var usable = 0
  /// Of those, how many the bundle had judged wrongly.
  package private(set) var disagreed = 0
  /// Of the usable ones, how many the bundle has learned from already.
  package private(set) var learned = 0
  package private(set) var withoutImage = 0
  /// Of classes that the bundle does not know.
  package private(set) var otherClass = 0
  /// Usable ones of each class, those of classes without any included.
  package private(set) var classes: [String: Int]

  /// Counts without looking at the images.
  package init(_ record: InspectionRecord, bundle: String, _ manifest: Manifest) throws {
    try self.init(record, bundle: bundle, manifest) { _, _ in true }
  }

  /// - Parameter take: is shown each part that can be learned from, the newest first; false when its image has gone.
  package init(
    _ record: InspectionRecord, bundle: String, _ manifest: Manifest,
    take: (RecordedInspection, Correction) throws -> Bool
  ) throws {
    let correctable = manifest.rule.correctableClasses
    classes = Dictionary(correctable.map { ($0, 0) }, uniquingKeysWith: { first, _ in first })
    let known = Set(manifest.training.images)
    var query = RecordQuery()
    query.bundle = bundle
    query.review = .corrected
    // What was shown to try the station was not made on the line.
    query.isTrial = false
    query.limit = 500
    var seen: Set<String> = []
    while true {
      let page = try record.search(query)
      for inspection in page {
        found += 1
        guard let correction = inspection.correction, correctable.contains(correction.class) else {
          otherClass += 1
          continue
        }
        // The newest correction of an image counts.
        guard inspection.hasImage, !seen.contains(inspection.imageHash) else {
          if !inspection.hasImage { withoutImage += 1 }
          continue
        }
        guard try take(inspection, correction) else {
          withoutImage += 1
          continue
        }
        seen.insert(inspection.imageHash)
        usable += 1
        classes[correction.class, default: 0] += 1
        if correction.class != inspection.class { disagreed += 1 }
        if known.contains(inspection.imageHash) { learned += 1 }
      }
      guard page.count == query.limit, let last = page.last else { break }
      query.before = last.id
    }
  }

  package var warnings: [String] {
    var warnings: [String] = []
    if withoutImage > 0 { warnings.append("the images of \(withoutImage) corrected parts were not kept") }
    if otherClass > 0 { warnings.append("\(otherClass) corrected parts are of classes that the bundle does not know") }
    return warnings
  }
}
