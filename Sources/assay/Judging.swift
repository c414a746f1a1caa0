import AssayModel

/// Whether a bundle tells good parts from defective ones.
enum Judging {
  /// Why a bundle cannot say of any part that it is good or defective, and what to do about it; nil when it can.
  ///
  /// - A classifier needs a good class and a threshold.
  /// - A multi-label inspector needs a threshold for each class: a part is good when none of them is found.
  /// - An anomaly detector needs a threshold: without one it gives scores.
  /// - Measurements state values, of which none is good or bad.
  static func hindrance(_ manifest: Manifest) -> (cause: String, remedy: String)? {
    switch manifest.task {
    case .classification:
      guard let good = manifest.goodClass, manifest.classes.contains(good) else {
        return (
          "none of its classes \(manifest.classes.joined(separator: ", ")) is known to be good",
          "train it again with --good NAME, where NAME is the class that passes"
        )
      }
      guard manifest.threshold != nil else { return ("it has no threshold", "train it again") }
      return nil
    case .multiLabel:
      guard manifest.labelThresholds?.count == manifest.classes.count else {
        return ("it has no threshold for each class", "train it again")
      }
      return nil
    case .anomaly:
      guard manifest.threshold != nil else {
        return (
          "it has no threshold yet, so that parts are scored but not judged",
          "set one with `assay threshold BUNDLE --max-overkill RATE GOOD_PARTS`"
        )
      }
      return nil
    case .measurement:
      return (
        "its tasks \((manifest.tasks ?? []).map(\.name).joined(separator: ", ")) state values, and none decides",
        "train a bundle with a column label:NAME that has a good class"
      )
    }
  }
}
