public import AssayBundle
public import AssayInspection
public import AssayMetrics
import Foundation

/// Predictions on images whose class is known, and the figures that follow.
///
/// A part is of the class that the rule says, as in every verdict: where a class is good, below the threshold that one, from
/// there on the most probable other one.
public struct Evaluation: Sendable {
  public let classes: [String]
  /// How parts are judged.
  public let rule: DecisionRule
  /// Names of the images.
  public let names: [String]
  public let labels: [Int]
  /// `[n, K]`
  public let probabilities: [Double]
  /// `held-out test` or `cross-validation`.
  public let basis: String
  /// Class of each image, by the rule.
  public let predicted: [Int]
  public let confusion: ConfusionMatrix
  public let metrics: [Manifest.Metric]

  public init(
    rule: DecisionRule, names: [String], labels: [Int], probabilities: [Double], basis: String,
    bootstrap: Bootstrap = Bootstrap()
  ) {
    classes = rule.classes
    self.rule = rule
    self.names = names
    self.labels = labels
    self.probabilities = probabilities
    self.basis = basis
    predicted = rule.decide(rows: probabilities)
    confusion = ConfusionMatrix(actual: labels, predicted: predicted, classCount: classes.count)
    metrics =
      Self.metrics(
        confusion, labels, predicted, probabilities, goodIndex: rule.goodIndex, threshold: rule.threshold, basis: basis,
        bootstrap: bootstrap)
      + [UncertainShare.metric(rule, probabilities: probabilities, count: labels.count, basis: basis)].compactMap { $0 }
  }

  /// Index of the class that passes.
  public var goodIndex: Int? { rule.goodIndex }
  /// On the probability of being defective.
  public var threshold: Double? { rule.threshold }

  /// The most probable class of each image, whatever the rule says.
  public var mostProbable: [Int] {
    stride(from: 0, to: probabilities.count, by: max(1, classes.count)).map { start in
      let own = probabilities[start..<start + classes.count]
      return (own.indices.max { own[$0] < own[$1] } ?? start) - start
    }
  }

  /// Probability of being defective, or nil where no class is good.
  public var defectScores: [Double]? {
    goodIndex.map { good in labels.indices.map { 1 - probabilities[$0 * classes.count + good] } }
  }

  public var isDefect: [Bool] { labels.map { $0 != goodIndex } }

  public func metric(_ name: String) -> Manifest.Metric? { metrics.first { $0.name == name } }

  private static func metrics(
    _ confusion: ConfusionMatrix, _ labels: [Int], _ predicted: [Int], _ probabilities: [Double], goodIndex: Int?,
    threshold: Double?, basis: String, bootstrap: Bootstrap
  ) -> [Manifest.Metric] {
    let classes = confusion.classCount
    let count = labels.count
    func metric(_ name: String, _ value: Double, _ interval: Interval?, _ n: Int? = nil) -> Manifest.Metric {
      Manifest.Metric(
        name: name, value: value, low: interval?.low, high: interval?.high, count: n ?? count, on: basis)
    }
    let resampled = bootstrap.intervals(actual: labels, predicted: predicted, classCount: classes) { [$0.macroF1] }
    var result = [
      metric("accuracy", confusion.accuracy, confusion.accuracyInterval),
      metric("balanced accuracy", confusion.balancedAccuracy, confusion.balancedAccuracyInterval),
      metric("macro F1", confusion.macroF1, confusion.macroF1Interval(bootstrap: resampled.first ?? nil)),
    ]
    let loss = ProbabilityScores.logLoss(probabilities: probabilities, labels: labels, classCount: classes)
    result.append(
      metric(
        "log loss", loss,
        count == 0
          ? nil
          : Interval.unseen(loss, chance: max(loss, log(Double(classes))), count: count).joined(
            with: bootstrap.meanInterval(
              labels.indices.map { row in
                ProbabilityScores.logLoss(
                  probabilities: Array(probabilities[row * classes..<(row + 1) * classes]), labels: [labels[row]],
                  classCount: classes)
              }))))
    let bins = ReliabilityBins(probabilities: probabilities, labels: labels, classCount: classes)
    result.append(metric("expected calibration error", bins.expectedCalibrationError, nil))
    if let goodIndex {
      let scores = labels.indices.map { 1 - probabilities[$0 * classes + goodIndex] }
      let isDefect = labels.map { $0 != goodIndex }
      if let area = ROCCurve.area(scores: scores, isPositive: isDefect) {
        result.append(metric("AUROC", area.value, area.interval))
      }
      if let precision = PrecisionRecallCurve.averagePrecision(scores: scores, isPositive: isDefect) {
        result.append(metric("average precision", precision.value, precision.interval))
      }
      if let threshold {
        let outcome = EscapeOverkill(threshold: threshold, scores: scores, isDefect: isDefect)
        result.append(
          metric(
            "escape rate", outcome.escapeRate, Proportion.wilson(outcome.escapes, of: outcome.defects), outcome.defects)
        )
        result.append(
          metric(
            "overkill rate", outcome.overkillRate, Proportion.wilson(outcome.overkills, of: outcome.goods),
            outcome.goods))
      }
    } else if let area = ROCCurve.macroArea(probabilities: probabilities, labels: labels, classCount: classes) {
      let areas = (0..<classes).compactMap { k in
        ROCCurve.area(
          scores: labels.indices.map { probabilities[$0 * classes + k] }, isPositive: labels.map { $0 == k })
      }
      let interval = Proportion.mean(
        areas.compactMap { area in area.interval.map { (area.value, $0) } }, touched: classes)
      result.append(metric("AUROC (mean over classes)", area, interval?.clamped(to: 0...1)))
    }
    return result
  }
}
