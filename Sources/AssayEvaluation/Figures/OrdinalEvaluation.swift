public import AssayBundle
public import AssayMetrics

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
    let error = errors.reduce(0, +) / Double(max(1, errors.count))
    // As wrong as a level drawn at random.
    let distances = truth.map { own in
      levels.reduce(0.0) { $0 + abs($1 - own) } / Double(max(1, count))
    }
    let guessed = distances.reduce(0, +) / Double(max(1, truth.count))
    func widened(_ value: Double, _ chance: Double, _ interval: Interval?) -> Interval? {
      labels.isEmpty ? nil : Interval.unseen(value, chance: chance, count: labels.count).joined(with: interval)
    }
    func metric(_ name: String, _ value: Double, _ interval: Interval?) -> Manifest.Metric {
      Manifest.Metric(
        name: name, value: value, low: interval?.low, high: interval?.high, count: labels.count, on: basis)
    }
    var metrics = [
      metric("accuracy", confusion.accuracy, confusion.accuracyInterval),
      metric(
        "mean absolute error", error, widened(error, max(error, guessed), bootstrap.meanInterval(errors))),
    ]
    if let kappa = OrdinalScores.quadraticWeightedKappa(confusion) {
      metrics.append(
        metric(
          "quadratic weighted kappa", kappa,
          widened(
            kappa, 0,
            bootstrap.interval(count: labels.count) { rows in
              OrdinalScores.quadraticWeightedKappa(
                ConfusionMatrix(
                  actual: rows.map { labels[$0] }, predicted: rows.map { predicted[$0] }, classCount: count))
            })))
    }
    if let rho = RankCorrelation.spearman(truth, expected) {
      metrics.append(
        metric(
          "Spearman correlation", rho,
          widened(
            rho, 0,
            bootstrap.interval(count: truth.count) { rows in
              RankCorrelation.spearman(rows.map { truth[$0] }, rows.map { expected[$0] })
            })))
    }
    self.metrics = metrics
  }
}
