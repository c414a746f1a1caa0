import AssayBase
package import AssayBundle
package import AssayData
import AssayGraph
import AssayImage
import AssayInspection
import AssayMetrics
import AssayReport
import AssayRuntime
import Foundation

/// Fills a report of anomaly detection.
package struct AnomalyReport {
  package let manifest: Manifest
  package let evaluation: AnomalyEvaluation?
  package let fitness: LineFitness
  package let title: String

  package init(manifest: Manifest, evaluation: AnomalyEvaluation?, fitness: LineFitness, title: String) {
    self.manifest = manifest
    self.evaluation = evaluation
    self.fitness = fitness
    self.title = title
  }

  /// - Parameter dataset: without whatever could not be used.
  package func html(
    of dataset: Dataset, warnings: [String], data: [(name: String, counts: [Int])], command: String = ""
  ) -> String {
    var content = ReportContent(
      title: "Inspector \(title)", subtitle: "Assay \(Versions.assay)", verdict: verdict)
    content.fitness = fitness.line
    content.missing = Self.missing
    content.figures = figures
    content.warnings = warnings
    content.add(dataset)
    if let evaluation { add(evaluation, to: &content) }
    content.tables = [thresholdTable, typeTable].compactMap { $0 }
    content.dataRows = data
    content.dataColumns = data.first?.counts.count == 1 ? ["tested"] : ["learned from", "set the threshold", "tested"]
    if let isolated = manifest.anomalySpec?.model.isolated, !isolated.isEmpty {
      content.dataLists.append(
        (
          "Training images unlike the others, the most isolated first",
          isolated.map { "\($0.name): \(String(format: "%.3f", $0.isolation))\($0.isDropped ? ", left out" : "")" }
        ))
    }
    content.provenance = provenance + (command.isEmpty ? [] : [("command", command)])
    return HTMLReport.render(content)
  }

  private func percent(_ value: Double) -> String { ShareText.percent(value) }

  private var verdict: String {
    guard let evaluation else {
      return
        "It has learned from \(manifest.training.counts.values.reduce(0, +)) good parts; there were no labelled parts to "
        + "test it on."
    }
    guard let threshold = manifest.threshold?.value else {
      return "It scores \(evaluation.scores.count) parts that it had never seen, and has no threshold yet."
    }
    let outcome = EscapeOverkill(threshold: threshold, scores: evaluation.scores, isDefect: evaluation.isDefect)
    return
      "On \(evaluation.scores.count) images that it had never seen, it found \(outcome.defects - outcome.escapes) of "
      + "\(outcome.defects) defective parts and rejected \(outcome.overkills) of \(outcome.goods) good ones, having learned "
      + "from good parts only."
  }

  private static let explanations = [
    "image AUROC": "chance that a bad part scores above a good one",
    "image average precision": "precision, averaged over all thresholds", "best image F1": "with the best threshold",
    "F1 at the threshold": "with the threshold in use", "escape rate": "bad parts passed",
    "overkill rate": "good parts rejected",
    "pixel AUROC": "chance that a defective pixel scores above a good one",
    "pixel average precision": "hard when defects are small",
    "AU-PRO to 0.3": "overlap with each defect, small ones count the same",
    "AU-PRO to 0.05": "the same with few false alarms",
  ]

  private var figures: [ReportContent.Figure] {
    (evaluation?.metrics ?? []).map { metric in
      let interval = metric.low.flatMap { low in
        metric.high.map { "95 %: \(Interval(low: low, high: $0).percent())" }
      }
      return ReportContent.Figure(
        name: metric.name, value: percent(metric.value), interval: interval,
        explanation: Self.explanations[metric.name]
          ?? (metric.name == UncertainShare.name ? UncertainShare.explanation(manifest.rule.band) : nil))
    }
  }

  private func add(_ evaluation: AnomalyEvaluation, to content: inout ReportContent) {
    let (scores, isDefect) = (evaluation.scores, evaluation.isDefect)
    if let roc = ROCCurve(scores: scores, isPositive: isDefect) {
      content.rocCurves = [
        .init(
          name: "images (area \(String(format: "%.3f", roc.area)))",
          points: Array(zip(roc.falsePositiveRate, roc.truePositiveRate)).map { (x: $0.0, y: $0.1) })
      ]
    }
    if isDefect.contains(false), let curve = PrecisionRecallCurve(scores: scores, isPositive: isDefect) {
      content.precisionRecallCurves = [
        .init(
          name: "images (average precision \(String(format: "%.3f", curve.averagePrecision)))",
          points: Array(zip(curve.recall, curve.precision)).map { (x: $0.0, y: $0.1) })
      ]
    }
    if let threshold = manifest.threshold { addVerdicts(evaluation, threshold.value, to: &content) }
    // A threshold of 0 rejects all; nothing can be shown as a multiple of it.
    guard let threshold = manifest.threshold, threshold.value > 0 else { return }
    // Scores are shown as multiples of the threshold: their own unit means nothing to a reader.
    func relative(_ values: [Double]) -> [Double] { values.map { $0 / threshold.value } }
    let shown = relative(scores)
    let outcome = EscapeOverkill(threshold: 1, scores: shown, isDefect: isDefect)
    content.decision = ReportContent.Decision(
      threshold: 1,
      explanation: "A part is rejected when its score is at least \(String(format: "%.4g", threshold.value)), which is "
        + "drawn as 1. This is \(threshold.explanation). The table shows what other thresholds do on the test images.",
      outcome: outcome,
      alternatives: [0.8, 0.9, 1.1, 1.25, 1.5].map { EscapeOverkill(threshold: $0, scores: shown, isDefect: isDefect) },
      goodScores: zip(shown, isDefect).filter { !$0.1 }.map(\.0),
      defectScores: zip(shown, isDefect).filter(\.1).map(\.0),
      scoreName: "score, as a multiple of the threshold", scoreLimit: 2.5)
  }

  /// What was taken for what, with pictures; where there is a threshold.
  private func addVerdicts(_ evaluation: AnomalyEvaluation, _ threshold: Double, to content: inout ReportContent) {
    let matrix = ConfusionMatrix(
      actual: evaluation.isDefect.map { $0 ? 1 : 0 },
      predicted: evaluation.scores.map { $0 < threshold ? 0 : 1 }, classCount: 2)
    content.classes = [evaluation.examples?.goodClass ?? AnomalySpec.goodName, AnomalySpec.defectName]
    content.confusion = matrix
    content.pictures = evaluation.examples?.groups(matrix.counts) ?? []
    content.mistakesNote =
      "\(matrix.total - matrix.correct) of \(matrix.total) images were judged wrongly. Shown are the worst of them, what was "
      + "found most clearly, and the good parts that came nearest to being rejected. Colour means the same everywhere: none "
      + "below three quarters of the threshold, the hottest at twice the threshold."
  }

  private static let missing: [ReportContent.Section: String] = [
    .confusion: "Nothing was tested with a threshold.",
    .classes: "Kinds of defects are not told apart; how many of each were found stands in the table of kinds.",
    .decision: "There is no threshold, or no labelled part to show what it does.",
    .mistakes: "Nothing was tested with a threshold.",
    .curves: "For curves both good and defective test images are needed.",
    .reliability:
      "A score is a distance from what is normal and no probability. What the threshold promises stands in its table.",
    .learning: "Nothing is adjusted step by step: what good parts look like is remembered.",
  ]

  private var thresholdTable: ReportContent.Table? {
    guard let threshold = manifest.threshold, let anomaly = manifest.anomalySpec?.model else { return nil }
    let scores = anomaly.calibration.goodScores
    var rows = [
      ["rule", threshold.rule + (threshold.rate.map { " \(ShareText.rate($0))" } ?? "")],
      ["rests on", "\(scores.count) good parts"],
    ]
    if let guarantee = anomaly.guarantee {
      rows.append(["a good part is rejected with a probability of at most", ShareText.rate(guarantee)])
    }
    rows.append(["lowest rate that so many parts can promise", ShareText.rate(1 / Double(scores.count + 1))])
    return ReportContent.Table(
      title: "What the threshold promises", header: ["", ""], rows: rows,
      caption:
        "The promise holds for parts from the same process, photographed in the same way (exchangeable with those "
        + "that set it). New material, light or camera: set it again with `assay threshold`.")
  }

  private var typeTable: ReportContent.Table? {
    guard let types = evaluation?.types, !types.isEmpty else { return nil }
    func text(_ value: Double?) -> String { value.map { ShareText.percent($0) } ?? "–" }
    func span(_ interval: Interval?) -> String { interval.map { " (\($0.percent()))" } ?? "" }
    return ReportContent.Table(
      title: "Kind by kind", header: ["defect", "images", "found", "image AUROC", "pixel AUROC", "AU-PRO to 0.3"],
      rows: types.map {
        [
          $0.name, "\($0.images)", ($0.found.map(String.init) ?? "–") + span($0.foundInterval),
          text($0.rocArea) + span($0.rocAreaInterval), text($0.pixelRocArea), text($0.perRegionOverlap),
        ]
      }, caption: "Each kind of defect against all good test images, with 95 % intervals.")
  }

  private var provenance: [(name: String, value: String)] {
    let network = manifest.network
    let rule = manifest.preprocessing
    var rows = [
      ("backbone", network.backbone.sentence),
      ("weights SHA-256", network.weightsSHA256),
      ("detector", manifest.training.recipe.words),
      ("input", rule.sentence),
    ]
    if let anomaly = manifest.anomalySpec?.model {
      rows.append(("depths", anomaly.patches.taps.joined(separator: ", ")))
      rows.append(
        ("patches of an image", "\(anomaly.grid.width) x \(anomaly.grid.height), \(anomaly.grid.channels) features"))
      if let tiling = anomaly.tiling {
        rows.append(("tiles", "\(tiling.size) pixels, overlapping by \(tiling.overlap)"))
      }
      if anomaly.region != nil { rows.append(("region of interest", "set; see manifest.json")) }
    }
    rows += [
      ("seed", "\(manifest.training.seed)"),
      ("learned from", "\(manifest.training.images.count) different images; their SHA-256 are in manifest.json"),
      (
        "versions", manifest.versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
      ),
      ("processor", Machine.processor().name),
    ]
    return rows.map { (name: $0.0, value: $0.1) }
  }
}
