import AssayImage
import AssayModel
import Foundation

/// Turns a reading into a verdict.
struct AnomalyDecider: Sendable {
  let view: AnomalyView
  private let threshold: Double?
  private let mapThreshold: Double?
  /// Sorted.
  private let goodScores: [Double]

  /// - Returns: nil for a bundle that is not about anomalies.
  init?(_ manifest: Manifest) {
    guard let anomaly = manifest.anomaly else { return nil }
    view = AnomalyView(manifest, anomaly)
    threshold = manifest.threshold?.value
    mapThreshold = anomaly.mapThreshold
    goodScores = anomaly.calibration.goodScores.sorted()
  }

  func finding(_ path: String, _ image: Image, _ reading: AnomalyReading, started: Double) -> Inspector.Finding {
    let isDefect = threshold.map { reading.score >= $0 }
    let verdict: Inspection.Verdict = isDefect.map { $0 ? .defect : .good } ?? .unjudged
    let regions = isDefect == true ? self.regions(reading.map) : []
    let inspection = Inspection(
      file: path, verdict: verdict, class: isDefect.map { $0 ? "defect" : "good" } ?? "unjudged", probability: nil,
      score: reading.score, threshold: threshold, pValue: pValue(reading.score), probabilities: nil,
      region: regions.first?.box, regions: regions, milliseconds: Clock.milliseconds - started)
    return Inspector.Finding(inspection: inspection, evidence: nil, reading: reading, image: image)
  }

  /// Areas above the map's threshold; where the score alone is too high, the area around the map's peak.
  private func regions(_ map: AnomalyMap) -> [AnomalousRegion] {
    guard let mapThreshold else { return [] }
    let found = map.regions(above: mapThreshold)
    guard found.isEmpty else { return found }
    let peak = Double(map.peak)
    return map.regions(above: 0.7 * peak, count: 1).map {
      AnomalousRegion(box: $0.box, area: $0.area, score: peak / mapThreshold, contour: $0.contour)
    }
  }

  private func pValue(_ score: Double) -> Double? {
    guard !goodScores.isEmpty else { return nil }
    return Double(1 + goodScores.count { $0 >= score }) / Double(goodScores.count + 1)
  }
}
