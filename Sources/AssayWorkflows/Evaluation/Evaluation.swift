import AssayMetrics
import AssayModel

/// Predictions on images whose class is known, and the figures that follow.
public struct Evaluation: Sendable {
  public let classes: [String]
  /// Index of the class that passes.
  public let goodIndex: Int?
  /// Names of the images.
  public let names: [String]
  public let labels: [Int]
  /// `[n, K]`
  public let probabilities: [Double]
  /// On the probability of being defective.
  public let threshold: Double?
  /// `held-out test` or `cross-validation`.
  public let basis: String
  public let confusion: ConfusionMatrix
  public let metrics: [Manifest.Metric]

  public init(
    classes: [String], goodIndex: Int?, names: [String], labels: [Int], probabilities: [Double], threshold: Double?,
    basis: String, bootstrap: Bootstrap = Bootstrap()
  ) {
    self.classes = classes
    self.goodIndex = goodIndex
    self.names = names
    self.labels = labels
    self.probabilities = probabilities
    self.threshold = threshold
    self.basis = basis
    let predicted = Self.predicted(probabilities, classes.count)
    confusion = ConfusionMatrix(actual: labels, predicted: predicted, classCount: classes.count)
    metrics = Self.metrics(
      confusion, labels, predicted, probabilities, goodIndex: goodIndex, threshold: threshold, basis: basis,
      bootstrap: bootstrap)
  }

  /// Most probable class of each image.
  public var predicted: [Int] { Self.predicted(probabilities, classes.count) }

  /// Probability of being defective, or nil where no class is good.
  public var defectScores: [Double]? {
    goodIndex.map { good in labels.indices.map { 1 - probabilities[$0 * classes.count + good] } }
  }

  public var isDefect: [Bool] { labels.map { $0 != goodIndex } }

  public func metric(_ name: String) -> Manifest.Metric? { metrics.first { $0.name == name } }

  private static func predicted(_ probabilities: [Double], _ classCount: Int) -> [Int] {
    stride(from: 0, to: probabilities.count, by: classCount).map { start in
      let own = probabilities[start..<start + classCount]
      return (own.indices.max { own[$0] < own[$1] } ?? start) - start
    }
  }

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
    let headline: (ConfusionMatrix) -> [Double] = { [$0.accuracy, $0.balancedAccuracy, $0.macroF1] }
    let intervals = bootstrap.intervals(actual: labels, predicted: predicted, classCount: classes, headline)
    var result = zip(["accuracy", "balanced accuracy", "macro F1"], zip(headline(confusion), intervals)).map {
      metric($0, $1.0, $1.1)
    }
    result.append(
      metric(
        "log loss", ProbabilityScores.logLoss(probabilities: probabilities, labels: labels, classCount: classes),
        bootstrap.meanInterval(
          labels.indices.map { row in
            ProbabilityScores.logLoss(
              probabilities: Array(probabilities[row * classes..<(row + 1) * classes]), labels: [labels[row]],
              classCount: classes)
          })))
    let bins = ReliabilityBins(probabilities: probabilities, labels: labels, classCount: classes)
    result.append(metric("expected calibration error", bins.expectedCalibrationError, nil))
    if let goodIndex {
      let scores = labels.indices.map { 1 - probabilities[$0 * classes + goodIndex] }
      let isDefect = labels.map { $0 != goodIndex }
      let ranking = bootstrap.rankingIntervals(scores: scores, isPositive: isDefect)
      if let curve = ROCCurve(scores: scores, isPositive: isDefect) {
        result.append(metric("AUROC", curve.area, ranking.rocArea))
      }
      if let curve = PrecisionRecallCurve(scores: scores, isPositive: isDefect) {
        result.append(metric("average precision", curve.averagePrecision, ranking.averagePrecision))
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
      result.append(metric("AUROC (mean over classes)", area, nil))
    }
    return result
  }
}
