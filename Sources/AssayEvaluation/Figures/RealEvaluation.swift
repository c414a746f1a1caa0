public import AssayBundle
public import AssayMetrics

/// Stated values of images whose value is known, and the figures that follow.
public struct RealEvaluation: Sendable {
  public let actual: [Double]
  public let stated: [Double]
  /// `held-out test` or `cross-validation`.
  public let basis: String
  /// Half the width of the interval that is stated with a value, when one is.
  public let halfWidth: Double?
  /// Mean absolute and root mean square error in units of the value, R² and Spearman's rank correlation; and the share of
  /// images within the stated interval.
  public let metrics: [Manifest.Metric]

  public init(
    actual: [Double], stated: [Double], halfWidth: Double?, basis: String, bootstrap: Bootstrap = Bootstrap()
  ) {
    self.actual = actual
    self.stated = stated
    self.halfWidth = halfWidth
    self.basis = basis
    let scores = RegressionScores(actual: actual, predicted: stated)
    // Guessing is always stating the mean.
    let mean = actual.reduce(0, +) / Double(max(1, actual.count))
    let guessed = RegressionScores(actual: actual, predicted: actual.map { _ in mean })
    func metric(
      _ name: String, _ value: Double?, chance: Double, _ statistic: ([Double], [Double]) -> Double?
    ) -> Manifest.Metric? {
      guard let value else { return nil }
      let resampled = bootstrap.interval(count: actual.count) { rows in
        statistic(rows.map { actual[$0] }, rows.map { stated[$0] })
      }
      let interval = Interval.unseen(value, chance: chance, count: actual.count).joined(with: resampled)
      return Manifest.Metric(
        name: name, value: value, low: interval.low, high: interval.high, count: actual.count, on: basis)
    }
    var metrics = [
      metric(
        "mean absolute error", scores.meanAbsoluteError,
        chance: max(scores.meanAbsoluteError, guessed.meanAbsoluteError)
      ) { RegressionScores(actual: $0, predicted: $1).meanAbsoluteError },
      metric(
        "root mean square error", scores.rootMeanSquareError,
        chance: max(scores.rootMeanSquareError, guessed.rootMeanSquareError)
      ) { RegressionScores(actual: $0, predicted: $1).rootMeanSquareError },
      metric("R²", scores.determination, chance: 0) {
        RegressionScores(actual: $0, predicted: $1).determination
      },
      metric(
        "Spearman correlation", RankCorrelation.spearman(actual, stated), chance: 0, RankCorrelation.spearman),
    ].compactMap { $0 }
    if let halfWidth {
      let within = zip(actual, stated).count { abs($0 - $1) <= halfWidth }
      let interval = Proportion.wilson(within, of: actual.count)
      metrics.append(
        Manifest.Metric(
          name: "within the stated interval", value: Double(within) / Double(max(1, actual.count)), low: interval?.low,
          high: interval?.high, count: actual.count, on: basis))
    }
    self.metrics = metrics
  }
}
