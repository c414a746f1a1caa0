import AssayBase
package import AssayBundle
import AssayData
import AssayInspection
import AssayMetrics
package import AssayReport
import Foundation

/// Fills a report on a multi-label inspector.
package enum MultiLabelReport {
  package static func content(
    _ evaluation: MultiLabelEvaluation, _ manifest: Manifest, title: String
  ) -> ReportContent {
    let seen =
      evaluation.basis == "held-out test"
      ? "\(evaluation.names.count) images it had never seen"
      : "\(evaluation.names.count) images, each judged by a model that had not seen it"
    var content = ReportContent(
      title: title, subtitle: "Assay \(Versions.assay)",
      verdict: "On \(seen), exactly the right ones of \(evaluation.classes.count) classes were found on "
        + "\(percent(evaluation.scores.exactMatch)).")
    let explanations = [
      "mean average precision": "mean over the classes of the area under precision against recall",
      "macro F1": "mean over the classes of precision and recall joined",
      "micro F1": "the same over all images and classes together",
      "exact match": "images on which exactly the right classes were found",
      "escape rate": "defective parts on which nothing was found",
      "overkill rate": "good parts on which something was found",
    ]
    content.figures = evaluation.metrics.map { metric in
      ReportContent.Figure(
        name: metric.name, value: percent(metric.value),
        interval: metric.low.flatMap { low in
          metric.high.map { "95 %: \(Interval(low: low, high: $0).percent())" }
        },
        explanation: explanations[metric.name]
          ?? (metric.name == UncertainShare.name ? UncertainShare.explanation(evaluation.rule.band) : nil))
    }
    content.classRows = zip(evaluation.classes, evaluation.scores.classes).map { name, own in
      var row = ReportContent.ClassRow(
        name: name, precision: own.precision, recall: own.recall, f1: own.f1, f1Interval: own.f1Interval,
        recallInterval: own.recallInterval, support: own.support)
      row.precisionInterval = own.precisionInterval
      return row
    }
    let count = evaluation.classes.count
    let rows = evaluation.names.indices
    content.classes = [manifest.goodClass ?? "good", "defective"]
    content.confusion = ConfusionMatrix(
      actual: evaluation.isDefect.map { $0 ? 1 : 0 }, predicted: evaluation.isRejected.map { $0 ? 1 : 0 }, classCount: 2
    )
    content.confusionNote =
      "Of the part as a whole: it is defective when any class is on it, and passes when none is found. What was missed and "
      + "found falsely of each class stands in the table of thresholds."
    content.reliability = ReliabilityBins(
      probabilities: evaluation.probabilities.flatMap { [1 - $0, $0] }, labels: evaluation.truth.map { $0 ? 1 : 0 },
      classCount: 2)
    content.reliabilityNote = "Of every class on every image: that it is there, or that it is not."
    content.missing = [
      .decision: "Each class has a threshold of its own; they stand in the table below.",
      .learning: "Each class has a head of its own, fitted at once; the penalty was chosen by cross-validation.",
    ]
    content.rocCurves = evaluation.classes.indices.prefix(8).compactMap { k in
      ROCCurve(
        scores: rows.map { evaluation.probability($0, k) }, isPositive: rows.map { evaluation.isThere($0, k) }
      ).map { curve in
        ReportContent.Series(
          name: "\(evaluation.classes[k]) (area \(String(format: "%.3f", curve.area)))",
          points: ReportComposer.thinned(zip(curve.falsePositiveRate, curve.truePositiveRate).map { (x: $0, y: $1) }))
      }
    }
    content.precisionRecallCurves = evaluation.classes.indices.compactMap { k in
      PrecisionRecallCurve(
        scores: rows.map { evaluation.probabilities[$0 * count + k] },
        isPositive: rows.map { evaluation.truth[$0 * count + k] }
      ).map { curve in
        ReportContent.Series(
          name: evaluation.classes[k],
          points: ReportComposer.thinned(zip(curve.recall, curve.precision).map { (x: $0, y: $1) }))
      }
    }
    content.tables = [
      ReportContent.Table(
        title: "Thresholds", header: ["class", "threshold", "average precision", "missed", "false alarms"],
        rows: zip(evaluation.classes.indices, evaluation.scores.classes).map { k, own in
          [
            evaluation.classes[k], Self.decimal(evaluation.thresholds[k]), own.averagePrecision.map(percent) ?? "–",
            "\(own.support - own.found) of \(own.support)", "\(own.falseAlarms) of \(rows.count - own.support)",
          ]
        },
        caption: "From this probability on a class counts as found. Chosen for each class by itself: "
          + (manifest.kind.spec.decision.labelThresholds?.first.map { Self.rule($0) } ?? "") + ".",
        links: Dictionary(
          uniqueKeysWithValues: evaluation.classes.indices.flatMap { k in
            [
              (ReportContent.Table.Place(row: k, column: 3), MultiLabelGallery.missed(k)),
              (ReportContent.Table.Place(row: k, column: 4), MultiLabelGallery.falseAlarm(k)),
            ]
          }))
    ]
    content.provenance = ReportComposer.provenance(
      manifest, figuresFrom: "\(evaluation.basis), \(evaluation.names.count) images")
    return content
  }

  private static func rule(_ threshold: Manifest.Threshold) -> String {
    switch threshold.rule {
    case "max-escape": "at most \(percent(threshold.rate ?? 0)) of the images with the class are expected to be missed"
    case "max-overkill":
      "at most \(percent(threshold.rate ?? 0)) of the images without it are expected to be false alarms"
    default: "the best F1 on held-out images"
    }
  }

  package static func percent(_ value: Double) -> String { ShareText.percent(value) }
  private static func decimal(_ value: Double) -> String { String(format: "%.4f", value) }
}
