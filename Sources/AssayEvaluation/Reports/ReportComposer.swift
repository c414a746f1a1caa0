import AssayBase
package import AssayBundle
import AssayData
import AssayGraph
import AssayImage
import AssayInspection
import AssayMetrics
package import AssayReport
import AssayRuntime
import Foundation

/// Fills a report from an evaluation and a manifest.
package struct ReportComposer {
  package let manifest: Manifest
  package let evaluation: Evaluation

  package init(manifest: Manifest, evaluation: Evaluation) {
    self.manifest = manifest
    self.evaluation = evaluation
  }

  package func content(title: String) -> ReportContent {
    var content = ReportContent(
      title: title, subtitle: "Assay \(Versions.assay)", verdict: verdict)
    content.figures = figures
    content.classes = evaluation.classes
    content.confusion = evaluation.confusion
    content.confusionNote = mostProbableNote
    content.classRows = classRows
    addCurves(to: &content)
    content.reliability = ReliabilityBins(
      probabilities: evaluation.probabilities, labels: evaluation.labels, classCount: evaluation.classes.count)
    if let threshold = manifest.threshold { content.decision = decision(threshold) }
    content.missing[.decision] =
      "No class is known to be good, so every part gets the most probable class and none is rejected: there is no threshold."
    content.missing[.learning] = "There were too few images to see how more of them would help."
    content.missing[.mistakes] = "No pictures were taken of this test."
    content.provenance = Self.provenance(
      manifest, figuresFrom: "\(evaluation.basis), \(evaluation.labels.count) images")
    return content
  }

  private func percent(_ value: Double) -> String { ShareText.percent(value) }

  private func span(_ metric: Manifest.Metric) -> String? {
    guard let low = metric.low, let high = metric.high else { return nil }
    return "95 %: \(Interval(low: low, high: high).percent())"
  }

  private var basis: String {
    evaluation.basis == "held-out test"
      ? "\(evaluation.labels.count) images it had never seen"
      : "\(evaluation.labels.count) images, each judged by a model that had not seen it"
  }

  private var verdict: String {
    let accuracy = evaluation.confusion.accuracy
    guard let threshold = manifest.threshold, let scores = evaluation.defectScores else {
      return
        "On \(basis), the inspector named the right one of \(evaluation.classes.count) classes for \(percent(accuracy))."
    }
    let outcome = EscapeOverkill(threshold: threshold.value, scores: scores, isDefect: evaluation.isDefect)
    return
      "On \(basis), it found \(outcome.defects - outcome.escapes) of \(outcome.defects) defective parts and rejected "
      + "\(outcome.overkills) of \(outcome.goods) good ones."
  }

  /// The other view of the same parts, for who knows it from elsewhere; nil where it is no other.
  private var mostProbableNote: String? {
    let others = evaluation.mostProbable
    guard manifest.threshold != nil, others != evaluation.predicted, !others.isEmpty else { return nil }
    let right = zip(others, evaluation.labels).count { $0 == $1 }
    return "Taking the most probable class of each part instead, whatever the threshold says, "
      + "\(percent(Double(right) / Double(others.count))) would be named rightly; no verdict is made that way."
  }

  private var figures: [ReportContent.Figure] {
    let explanations = [
      "accuracy": "share of parts whose class is right, by the verdict",
      "balanced accuracy": "mean over the classes, rare ones count the same",
      "macro F1": "mean over the classes of precision and recall joined",
      "AUROC": "chance that a bad part scores above a good one", "escape rate": "bad parts passed",
      "overkill rate": "good parts rejected",
    ]
    let order = [
      "escape rate", "overkill rate", "accuracy", "balanced accuracy", "macro F1", "AUROC", UncertainShare.name,
    ]
    return order.compactMap { name in
      evaluation.metric(name).map {
        ReportContent.Figure(
          name: name, value: percent($0.value), interval: span($0),
          explanation: explanations[name]
            ?? (name == UncertainShare.name ? UncertainShare.explanation(evaluation.rule.band) : nil))
      }
    }
  }

  private var classRows: [ReportContent.ClassRow] {
    let confusion = evaluation.confusion
    let count = evaluation.classes.count
    let (f1, recall) = (confusion.f1Intervals, confusion.recallIntervals)
    return (0..<count).map { k in
      var row = ReportContent.ClassRow(
        name: evaluation.classes[k], precision: confusion.precision[k], recall: confusion.recall[k],
        f1: confusion.f1[k], f1Interval: f1[k], recallInterval: recall[k], support: confusion.support[k])
      row.precisionInterval = confusion.precisionIntervals[k]
      return row
    }
  }

  private func addCurves(to content: inout ReportContent) {
    let count = evaluation.classes.count
    func add(_ name: String, _ scores: [Double], _ isPositive: [Bool]) {
      if let roc = ROCCurve(scores: scores, isPositive: isPositive) {
        content.rocCurves.append(
          .init(
            name: "\(name) (area \(String(format: "%.3f", roc.area)))",
            points: Self.thinned(zip(roc.falsePositiveRate, roc.truePositiveRate).map { ($0, $1) })))
      }
      if let curve = PrecisionRecallCurve(scores: scores, isPositive: isPositive) {
        content.precisionRecallCurves.append(
          .init(
            name: "\(name) (average precision \(String(format: "%.3f", curve.averagePrecision)))",
            points: Self.thinned(zip(curve.recall, curve.precision).map { ($0, $1) })))
      }
    }
    if let scores = evaluation.defectScores {
      add("defective", scores, evaluation.isDefect)
      if let threshold = manifest.threshold?.value {
        let outcome = EscapeOverkill(threshold: threshold, scores: scores, isDefect: evaluation.isDefect)
        let found = outcome.defects - outcome.escapes
        let alarms = found + outcome.overkills
        content.operatingPoint = (
          (outcome.overkillRate, 1 - outcome.escapeRate),
          (1 - outcome.escapeRate, alarms == 0 ? 1 : Double(found) / Double(alarms))
        )
      }
    } else {
      for k in 0..<min(count, 8) {
        add(
          evaluation.classes[k], evaluation.labels.indices.map { evaluation.probabilities[$0 * count + k] },
          evaluation.labels.map { $0 == k })
      }
    }
  }

  /// At most about 400 points: more cannot be seen and make the file large.
  package static func thinned(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
    guard points.count > 400 else { return points }
    let step = Double(points.count - 1) / 399
    return (0..<400).map { points[Int((Double($0) * step).rounded())] }
  }

  private func decision(_ threshold: Manifest.Threshold) -> ReportContent.Decision? {
    guard let scores = evaluation.defectScores else { return nil }
    let isDefect = evaluation.isDefect
    let others = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9].filter { abs($0 - threshold.value) > 0.01 }
    return ReportContent.Decision(
      threshold: threshold.value,
      explanation: "A part is rejected when its probability of being defective is at least "
        + "\(String(format: "%.4f", threshold.value)). This is \(threshold.explanation). The table shows what it does on "
        + "\(evaluation.labels.count) images of the \(evaluation.basis).",
      outcome: EscapeOverkill(threshold: threshold.value, scores: scores, isDefect: isDefect),
      alternatives: others.map { EscapeOverkill(threshold: $0, scores: scores, isDefect: isDefect) },
      goodScores: zip(scores, isDefect).filter { !$0.1 }.map(\.0),
      defectScores: zip(scores, isDefect).filter(\.1).map(\.0))
  }

  /// Why a test shows no learning.
  package static let learnedElsewhere =
    "This is a test of a finished bundle; how it learned is in the report of the bundle."

  package static func provenance(_ manifest: Manifest, figuresFrom: String) -> [(name: String, value: String)] {
    let network = manifest.network
    let rule = manifest.preprocessing
    return [
      ("figures from", figuresFrom),
      ("backbone", network.backbone.sentence),
      ("weights SHA-256", network.weightsSHA256),
      (
        "features",
        network.features.map { features in
          "\(features.statistics.map(\.rawValue).joined(separator: " and ")) of \(features.taps.joined(separator: ", "))"
        } ?? ""
      ),
      ("input", rule.sentence),
      ("head", manifest.training.recipe.words),
      ("temperature", String(format: "%.4f", network.temperature) + "; " + manifest.calibrationSentence),
      ("uncertain", manifest.uncertainSentence), ("seed", "\(manifest.training.seed)"),
      ("trained on", "\(manifest.training.images.count) different images; their SHA-256 are in manifest.json"),
      (
        "versions", manifest.versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
      ),
      ("processor", Machine.processor().name),
    ]
  }
}
