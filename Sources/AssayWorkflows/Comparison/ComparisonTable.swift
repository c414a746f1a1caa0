import AssayBase
import AssayMetrics
import Foundation

extension Comparison {
  /// The rows as a table for people, as wide as a terminal allows.
  public var table: String {
    let isAnomaly = rows.first?.method == .anomaly
    let hasAUROC = !isAnomaly && rows.contains { $0.metric("AUROC") != nil }
    var header = ["", "backbone", "method", isAnomaly ? "image AUROC" : "accuracy", "95 %"]
    header += isAnomaly ? ["AU-PRO"] : ["macro F1"] + (hasAUROC ? ["AUROC"] : [])
    header += ["train", "ms/part", "parameters", "ONNX", "against the best"]
    let lines = [header] + rows.indices.map { cells($0, isAnomaly: isAnomaly, hasAUROC: hasAUROC) }
    // Names on the left edge, figures on the right.
    var text = TextTable.lines(lines, right: Set(3..<header.count - 1)).map(\.trimmingTrailingSpaces)
    text += failures.map {
      VisibleText.escaped("✗   \($0.backbone)\($0.method.map { ", \(title($0))" } ?? ""): \($0.reason)")
    }
    return text.joined(separator: "\n")
  }

  /// Explains the marks of ``table``.
  public static let tableKey =
    "★ recommended   ● on the Pareto front: nothing is both faster and at least as accurate   ✗ could not be compared"

  private func cells(_ index: Int, isAnomaly: Bool, hasAUROC: Bool) -> [String] {
    let row = rows[index]
    let mark = index == judgement.recommended ? "★" : judgement.front.contains(index) ? "●" : ""
    func share(_ name: String, digits: Int = 3) -> String {
      row.metric(name).map { String(format: "%.\(digits)f", $0.value) } ?? "–"
    }
    let headline = row.headline
    let span = headline.flatMap { metric in
      metric.low.flatMap { low in metric.high.map { Interval(low: low, high: $0).percent(separator: "…") } }
    }
    let value = headline.map { ComparisonWords.percent($0.value) } ?? "–"
    let figures = isAnomaly ? [share("AU-PRO to 0.3")] : [share("macro F1")] + (hasAUROC ? [share("AUROC")] : [])
    let costs = [
      String(format: "%.1f s", row.trainingSeconds) + (row.computedCount == 0 ? "*" : ""),
      String(format: "%.1f", row.milliseconds), String(format: "%.1f M", Double(row.cost.parameters) / 1e6),
      String(format: "%.1f MB", Double(row.cost.bytes) / 1e6), standing(index),
    ]
    return [mark, row.backbone.name, title(row.method), value, span ?? "–"] + figures + costs
  }

  /// How a row compares with the most accurate one.
  func standing(_ index: Int) -> String {
    if index == judgement.best { return "the best" }
    guard let test = judgement.tests[index] else { return "not tested" }
    let p = test.pValue < 0.0001 ? "p < 0.0001" : String(format: "p = %.2g", test.pValue)
    return (test.isWorse ? "worse, " : "may be equal, ") + p
  }
}

extension String {
  fileprivate var trimmingTrailingSpaces: String {
    var text = self
    while text.hasSuffix(" ") { text.removeLast() }
    return text
  }
}
