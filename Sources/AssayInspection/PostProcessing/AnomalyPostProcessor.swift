import AssayBase
import AssayBundle
import AssayGraph
package import AssayImage
import AssayRuntime

extension AnomalySpec {
  package var rule: DecisionRule {
    DecisionRule(
      .score(threshold: threshold?.value, scale: scale), goodClass: Self.goodName, classes: classes,
      band: band)
  }
}

/// Turns distances from good parts into a verdict, of a whole photograph or of its tiles put together.
package struct AnomalyPostProcessor: PostProcessor {
  package let view: AnomalyView
  private let rule: DecisionRule
  private let mapThreshold: Double?
  /// Sorted.
  private let goodScores: [Double]

  init(_ spec: AnomalySpec, _ manifest: Manifest, _ outputs: GraphOutputs) throws(ManifestFault) {
    view = AnomalyView(manifest.preprocessing, spec.model)
    rule = spec.rule
    mapThreshold = spec.model.mapThreshold
    goodScores = spec.model.calibration.goodScores.sorted()
    let grid = spec.model.grid
    try outputs.require("map", [1, 1, manifest.preprocessing.height, manifest.preprocessing.width])
    try outputs.require("distances", [1, 1, grid.height, grid.width])
    if spec.tiling == nil { try outputs.requireScore("score") }
  }

  package func finding(
    of image: Image, _ outputs: some NetworkOutputs, name: String, started: Double
  ) throws -> Finding {
    let reading = try AnomalyReading(
      outputs, view, placement: view.input.preprocessing.plan(for: image), name: name)
    return finding(of: image, reading, name: name, started: started)
  }

  /// - Parameter reading: of the whole photograph.
  package func finding(of image: Image, _ reading: AnomalyReading, name: String, started: Double) -> Finding {
    let verdict = rule.verdict(score: reading.score)
    let regions = verdict == .defect ? self.regions(reading.map) : []
    let named: [Verdict: String] = [.good: AnomalySpec.goodName, .defect: AnomalySpec.defectName]
    let outcome = AnomalyFinding(
      verdict: verdict, class: named[verdict] ?? verdict.rawValue, score: reading.score, threshold: rule.threshold,
      pValue: pValue(reading.score), region: regions.first?.box, regions: regions,
      isUncertain: rule.isUncertain(score: reading.score, probability: nil))
    return Finding(
      inspection: Inspection(file: name, outcome: .anomaly(outcome), milliseconds: Clock.milliseconds - started),
      heat: .anomaly(reading), image: image)
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

extension GraphOutputs {
  /// One number an image, `[1]` or `[1, 1]`.
  func requireScore(_ name: String) throws(ManifestFault) {
    do { try require(name, [1]) } catch { try require(name, [1, 1]) }
  }
}
