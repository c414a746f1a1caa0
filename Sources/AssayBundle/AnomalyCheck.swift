import AssayGraph
import AssayImage

extension AnomalySpec {
  /// A threshold so far above every score known would reject nothing.
  private static let farthest = 1000.0

  /// What the threshold is compared with.
  public var scale: ThresholdScale {
    let largest = model.calibration.scores.max() ?? 0
    return .score(limit: largest > 0 ? min(largest * Self.farthest, Manifest.unlimitedScore) : Manifest.unlimitedScore)
  }

  public func check(_ manifest: Manifest) throws(ManifestFault) {
    try model.calibration.check("anomaly.calibration")
    try model.tested?.check("anomaly.tested")
    try threshold?.check("threshold", scale: scale)
    if let mapThreshold = model.mapThreshold {
      guard mapThreshold.isFinite, mapThreshold > 0, mapThreshold <= Manifest.unlimitedScore else {
        throw ManifestFault("anomaly.mapThreshold", "is \(mapThreshold), not above 0")
      }
    }
    if let guarantee = model.guarantee, !(0...1).contains(guarantee) {
      throw ManifestFault("anomaly.guarantee", "is \(guarantee), not 0...1")
    }
    try checkView(manifest.preprocessing)
    guard model.smoothing.isFinite, (0...1000).contains(model.smoothing) else {
      throw ManifestFault("anomaly.smoothing", "is \(model.smoothing), not 0...1000 pixels")
    }
    if let share = model.scoreShare, !(share.isFinite && share > 0 && share <= 1) {
      throw ManifestFault("anomaly.scoreShare", "is \(share), not above 0 and at most 1")
    }
    try model.region?.check()
    for count in [model.memoryRows ?? 0, model.patchCount] { try Manifest.check(count: count, "anomaly.memoryRows") }
    if let coverage = model.coverage, !coverage.isFinite {
      throw ManifestFault("anomaly.coverage", "is \(coverage)")
    }
    for image in model.isolated where !image.isolation.isFinite {
      throw ManifestFault("anomaly.isolated", "has \(image.name) at a distance of \(image.isolation)")
    }
  }

  private func checkView(_ rule: Preprocessing) throws(ManifestFault) {
    let (grid, patches) = (model.grid, model.patches)
    guard (1...Manifest.largestInput).contains(grid.width), (1...Manifest.largestInput).contains(grid.height),
      (1...1_000_000).contains(grid.channels)
    else {
      throw ManifestFault("anomaly.grid", "is \(grid.channels) x \(grid.height) x \(grid.width)")
    }
    guard patches.width == rule.width, patches.height == rule.height else {
      throw ManifestFault(
        "anomaly.patches",
        "are of an input of \(patches.width) x \(patches.height), the preprocessing makes \(rule.width) x \(rule.height)"
      )
    }
    guard !patches.taps.isEmpty, patches.neighbourhood > 0, patches.neighbourhood % 2 == 1 else {
      throw ManifestFault("anomaly.patches", "names nothing to read")
    }
    if let tiling = model.tiling {
      guard tiling.size == rule.width, tiling.size == rule.height, (0..<tiling.size).contains(tiling.overlap) else {
        throw ManifestFault(
          "anomaly.tiling",
          "has tiles of \(tiling.size) that share \(tiling.overlap) pixels; the input is \(rule.width) x \(rule.height)"
        )
      }
    }
  }
}

extension AnomalyModel.Calibration {
  package func check(_ field: String) throws(ManifestFault) {
    guard scores.count == isDefect.count, peaks.count == scores.count else {
      throw ManifestFault(
        field, "has \(scores.count) scores, \(peaks.count) peaks and \(isDefect.count) labels, not as many of each")
    }
    guard (scores + peaks).allSatisfy({ $0.isFinite && $0 >= 0 }) else {
      throw ManifestFault(field, "has a score that is no number from 0")
    }
    guard (0...Manifest.largestCount).contains(folds) else { throw ManifestFault(field, "has \(folds) folds") }
  }
}

extension AnomalyModel.Tested {
  package func check(_ field: String) throws(ManifestFault) {
    guard scores.count == isDefect.count else {
      throw ManifestFault(field, "has \(scores.count) scores and \(isDefect.count) labels, not as many of each")
    }
    guard scores.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
      throw ManifestFault(field, "has a score that is no number from 0")
    }
  }
}

extension RegionOfInterest {
  /// Photographs are no larger.
  private static let largestSide = 65_535
  private static let mostPixels = 1 << 28

  /// Whether it is a region of a photograph that there can be.
  package func check() throws(ManifestFault) {
    guard (1...Self.largestSide).contains(width), (1...Self.largestSide).contains(height),
      width * height <= Self.mostPixels
    else {
      throw ManifestFault("anomaly.region", "is for photographs of \(width) x \(height) pixels")
    }
    guard (include + ignore).joined().allSatisfy({ $0.x.isFinite && $0.y.isFinite }) else {
      throw ManifestFault("anomaly.region", "has a corner that is no number")
    }
    guard let runs else { return }
    var left = width * height
    for run in runs {
      guard run >= 0, run <= left else { throw ManifestFault("anomaly.region", "has runs beyond its pixels") }
      left -= run
    }
  }
}
