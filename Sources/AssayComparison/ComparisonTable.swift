import AssayBase
import AssayBundle
import AssayGraph
import AssayMetrics
import Foundation

extension Comparison {
  /// The rows as a table for people, as wide as a terminal allows.
  public var table: String {
    let extras = figureColumns
    let header =
      ["", "backbone", "method", criterion == .macroF1 ? "macro F1" : "found", "95 %"] + extras.map(\.title)
      + ["train", "ms/part", "parameters", "ONNX", "against the best"]
    let lines = [header] + rows.indices.map { cells($0, extras.map(\.metric)) }
    // Names on the left edge, figures on the right.
    var text = TextTable.lines(lines, right: Set(3..<header.count - 1)).map(\.trimmingTrailingSpaces)
    text += failures.map {
      VisibleText.escaped("✗   \($0.backbone)\($0.method.map { ", \(title($0))" } ?? ""): \($0.reason)")
    }
    return text.joined(separator: "\n")
  }

  /// Explains the marks of ``table``.
  public var tableKey: String {
    let ranked =
      switch criterion {
      case .escape(let maximum):
        "found: defects found where at most \(ComparisonCriterion.rate(maximum)) of the good parts are rejected "
          + "(--max-overkill); of equals the better average precision (AP) is first"
      case .macroF1: "ranked by macro F1, since no class is good"
      }
    return
      "★ recommended   ● on the Pareto front: nothing is both faster and at least as good   ✗ could not be compared\n"
      + ranked + "\nnot worse: shown to be behind by less than \(ComparisonWords.points(judgement.margin)) (--margin)"
  }

  /// Figures beside the criterion that some row has.
  package var figureColumns: [(title: String, metric: String)] {
    let all: [(title: String, metric: String)] =
      criterion == .macroF1
      ? [("accuracy", "accuracy")]
      : [
        ("AP", "average precision"), ("AP", "image average precision"), ("AUROC", "AUROC"),
        ("AUROC", "image AUROC"), ("macro F1", "macro F1"), ("AU-PRO", "AU-PRO to 0.3"),
      ]
    return all.filter { column in rows.contains { $0.metric(column.metric) != nil } }
  }

  private func cells(_ index: Int, _ metrics: [String]) -> [String] {
    let row = rows[index]
    let mark = index == judgement.recommended ? "★" : judgement.front.contains(index) ? "●" : ""
    let figure = criterion.figure(row)
    let value = figure.map { figure in
      figure.escape.map { "\($0.defects - $0.escapes)/\($0.defects)" } ?? String(format: "%.3f", figure.value)
    }
    let span = figure?.interval.map { $0.percent(separator: "…") }
    let figures = metrics.map { name in row.metric(name).map { String(format: "%.3f", $0.value) } ?? "–" }
    let costs = [
      String(format: "%.1f s", row.trainingSeconds) + (row.computedCount == 0 ? "*" : ""),
      String(format: "%.1f", row.milliseconds), String(format: "%.1f M", Double(row.cost.parameters) / 1e6),
      String(format: "%.1f MB", Double(row.cost.bytes) / 1e6), standing(index),
    ]
    return [mark, row.backbone.name, title(row.method), value ?? "–", span ?? "–"] + figures + costs
  }

  /// How a row compares with the best one.
  package func standing(_ index: Int) -> String {
    if index == judgement.best { return "the best" }
    guard let test = judgement.tests[index] else { return "not tested" }
    let words = ComparisonWords.standing(test)
    return "\(words.verdict), \(words.detail)"
  }
}

extension String {
  fileprivate var trimmingTrailingSpaces: String {
    var text = self
    while text.hasSuffix(" ") { text.removeLast() }
    return text
  }
}
