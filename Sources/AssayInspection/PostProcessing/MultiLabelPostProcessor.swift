import AssayBase
import AssayBundle
import AssayImage

extension MultiLabelSpec {
  package var rule: DecisionRule {
    DecisionRule(
      .labels(thresholds: thresholds.map(\.value)), goodClass: goodName, classes: classes, band: band)
  }
}

/// Several classes a part: it is defective when any of them is found on it.
struct MultiLabelPostProcessor: PostProcessor {
  private let rule: DecisionRule
  private let thresholds: [Double]
  private let goodName: String
  private let baseline: [Float]
  private let marks: PixelMarkReader?
  private let preprocessing: Preprocessing
  private let grid: (rows: Int, columns: Int)?

  init(
    _ spec: MultiLabelSpec, _ manifest: Manifest, _ outputs: GraphOutputs, baseline: [Float]
  ) throws(ManifestFault) {
    rule = spec.rule
    thresholds = spec.thresholds.map(\.value)
    goodName = spec.goodName
    self.baseline = baseline
    preprocessing = manifest.preprocessing
    try outputs.require("probabilities", [1, spec.classes.count])
    grid = try outputs.grid("map", channels: spec.classes.count)
    marks = try PixelMarkReader(manifest, outputs)
  }

  func finding(of image: Image, _ outputs: some NetworkOutputs, name: String, started: Double) throws -> Finding {
    let values = try outputs.finite("probabilities", of: name)
    let found = rule.found(values).sorted { values[$0] > values[$1] }
    let nearest = values.indices.max { values[$0] < values[$1] } ?? 0
    // On a good part the map shows the class that comes nearest to being found.
    let shown = found.isEmpty ? [nearest] : found
    let placement = preprocessing.plan(for: image)
    let looks = try shown.map { try look(at: $0, outputs, name: name) }
    let list = zip(found, looks).map { k, look in
      FoundClass(
        class: rule.classes[k], probability: values[k], threshold: thresholds[k],
        region: look.evidence?.region(
          placement: placement, width: preprocessing.width, height: preprocessing.height), area: look.area)
    }
    let decisive = found.first ?? nearest
    let outcome = LabelFinding(
      verdict: found.isEmpty ? .good : .defect, class: list.first?.class ?? goodName,
      probability: list.first?.probability ?? 1 - values[nearest], score: values[decisive],
      threshold: thresholds[decisive],
      probabilities: Dictionary(zip(rule.classes, values), uniquingKeysWith: { first, _ in first }),
      region: list.first?.region, found: list, isUncertain: rule.isUncertain(labels: values))
    return Finding(
      inspection: Inspection(file: name, outcome: .labels(outcome), milliseconds: Clock.milliseconds - started),
      heat: looks.first?.evidence.map(HeatSource.evidence), image: image)
  }

  /// Of one class by itself: what the others have there says nothing about it.
  /// - Returns: its evidence and, of a bundle that marks pixels, the share that is marked.
  private func look(
    at k: Int, _ outputs: some NetworkOutputs, name: String
  ) throws -> (evidence: EvidenceMap?, area: Double?) {
    if let marks = try marks?.marks(of: rule.classes[k], outputs, name: name) { return (marks.evidence, marks.area) }
    guard let grid else { return (nil, nil) }
    let plane = grid.rows * grid.columns
    let evidence = try outputs.withFinite("map", of: name) { map in
      EvidenceMap(
        map: UnsafeBufferPointer(rebasing: map[k * plane..<(k + 1) * plane]), classCount: 1, rows: grid.rows,
        columns: grid.columns, found: 0, reference: nil,
        baseline: baseline.isEmpty ? [] : Array(baseline[k * plane..<(k + 1) * plane]))
    }
    return (evidence, nil)
  }
}
