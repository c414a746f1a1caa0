public import AssayBundle
import AssayImage
public import AssayInspection
public import AssayMetrics

/// How well the classes of each image were found.
public struct MultiLabelEvaluation: Sendable {
  public let classes: [String]
  /// How parts are judged.
  public let rule: DecisionRule
  public let names: [String]
  /// `[n, K]`
  public let truth: [Bool]
  /// `[n, K]`
  public let probabilities: [Double]
  /// `[K]`
  public let thresholds: [Double]
  /// `held-out test` or `cross-validation`.
  public let basis: String
  public let scores: MultiLabelScores
  public let metrics: [Manifest.Metric]

  /// - Parameter rule: of classes that are found each by itself.
  public init(rule: DecisionRule, names: [String], truth: [Bool], probabilities: [Double], basis: String) {
    let thresholds = rule.labelThresholds
    classes = rule.classes
    self.rule = rule
    self.names = names
    self.truth = truth
    self.probabilities = probabilities
    self.thresholds = thresholds
    self.basis = basis
    scores = MultiLabelScores(probabilities: probabilities, truth: truth, thresholds: thresholds)
    metrics =
      Self.metrics(scores, truth, probabilities, thresholds, basis)
      + [UncertainShare.metric(rule, probabilities: probabilities, count: names.count, basis: basis)].compactMap { $0 }
  }

  public func metric(_ name: String) -> Manifest.Metric? { metrics.first { $0.name == name } }

  private static func metrics(
    _ scores: MultiLabelScores, _ truth: [Bool], _ probabilities: [Double], _ thresholds: [Double], _ basis: String
  ) -> [Manifest.Metric] {
    let count = thresholds.count
    let rows = truth.count / count
    func metric(_ name: String, _ value: Double, _ interval: Interval? = nil, _ n: Int? = nil) -> Manifest.Metric {
      Manifest.Metric(name: name, value: value, low: interval?.low, high: interval?.high, count: n ?? rows, on: basis)
    }
    var result: [Manifest.Metric] = []
    if let mean = scores.meanAveragePrecision {
      result.append(metric("mean average precision", mean, scores.meanAveragePrecisionInterval))
    }
    let resampled = MultiLabelScores.resampledIntervals(
      isFound: probabilities.indices.map { probabilities[$0] >= thresholds[$0 % count] }, truth: truth,
      classCount: count, bootstrap: Bootstrap())
    result += [
      metric("macro F1", scores.macroF1, scores.macroF1Interval(bootstrap: resampled.macroF1)),
      metric("micro F1", scores.microF1, scores.microF1Interval(bootstrap: resampled.microF1)),
      metric(
        "exact match", scores.exactMatch,
        Proportion.wilson(Int(clamping: (scores.exactMatch * Double(rows)).rounded()), of: rows)),
    ]
    // A part is defective when any class is found on it.
    let isDefect = (0..<rows).map { row in truth[row * count..<(row + 1) * count].contains(true) }
    let isFound = (0..<rows).map { row in
      (0..<count).contains { probabilities[row * count + $0] >= thresholds[$0] }
    }
    let (defects, goods) = (isDefect.count { $0 }, isDefect.count { !$0 })
    let escapes = zip(isDefect, isFound).count { $0 && !$1 }
    let overkills = zip(isDefect, isFound).count { !$0 && $1 }
    if defects > 0 {
      result.append(
        metric(
          "escape rate", Double(escapes) / Double(defects), Proportion.wilson(escapes, of: defects), defects))
    }
    if goods > 0 {
      result.append(
        metric("overkill rate", Double(overkills) / Double(goods), Proportion.wilson(overkills, of: goods), goods))
    }
    return result
  }
}
