import AssayMetrics
import AssayModel

/// Predictions on images whose level is known, and the figures that follow.
public struct OrdinalEvaluation: Sendable {
  /// Ascending.
  public let levels: [Double]
  /// Index of each image's true level.
  public let labels: [Int]
  /// `[n, levels]`
  public let probabilities: [Double]
  /// `held-out test` or `cross-validation`.
  public let basis: String
  /// Of the true levels and the most probable ones.
  public let confusion: ConfusionMatrix
  /// Accuracy, mean absolute error in units of the levels and quadratic weighted kappa of the most probable level;
  /// Spearman's rank correlation of the expected level.
  public let metrics: [Manifest.Metric]

  public init(
    levels: [Double], labels: [Int], probabilities: [Double], basis: String, bootstrap: Bootstrap = Bootstrap()
  ) {
    self.levels = levels
    self.labels = labels
    self.probabilities = probabilities
    self.basis = basis
    let count = levels.count
    let predicted = labels.indices.map { row in
      (0..<count).max { probabilities[row * count + $0] < probabilities[row * count + $1] } ?? 0
    }
    let expected = labels.indices.map { row in
      (0..<count).reduce(0.0) { $0 + probabilities[row * count + $1] * levels[$1] }
    }
    let confusion = ConfusionMatrix(actual: labels, predicted: predicted, classCount: count)
    self.confusion = confusion
    let truth = labels.map { levels[$0] }
    let errors = zip(labels, predicted).map { abs(levels[$0] - levels[$1]) }
    let hits = zip(labels, predicted).map { $0 == $1 ? 1.0 : 0 }
    func metric(_ name: String, _ value: Double, _ interval: Interval?) -> Manifest.Metric {
      Manifest.Metric(
        name: name, value: value, low: interval?.low, high: interval?.high, count: labels.count, on: basis)
    }
    var metrics = [
      metric("accuracy", confusion.accuracy, bootstrap.meanInterval(hits)),
      metric("mean absolute error", errors.reduce(0, +) / Double(max(1, errors.count)), bootstrap.meanInterval(errors)),
    ]
    if let kappa = OrdinalScores.quadraticWeightedKappa(confusion) {
      metrics.append(
        metric(
          "quadratic weighted kappa", kappa,
          bootstrap.interval(count: labels.count) { rows in
            OrdinalScores.quadraticWeightedKappa(
              ConfusionMatrix(
                actual: rows.map { labels[$0] }, predicted: rows.map { predicted[$0] }, classCount: count))
          }))
    }
    if let rho = RankCorrelation.spearman(truth, expected) {
      metrics.append(
        metric(
          "Spearman correlation", rho,
          bootstrap.interval(count: truth.count) { rows in
            RankCorrelation.spearman(rows.map { truth[$0] }, rows.map { expected[$0] })
          }))
    }
    self.metrics = metrics
  }
}
