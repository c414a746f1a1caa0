/// How much each class counts in training.
public enum ClassWeights: String, Codable, Sendable, CaseIterable {
  case none
  /// n / (K n_k): every class counts the same in sum.
  case balanced

  /// Weight of each class, `[K]`.
  public func values(labels: [Int], classCount: Int) -> [Double] {
    switch self {
    case .none: return [Double](repeating: 1, count: classCount)
    case .balanced:
      var counts = [Int](repeating: 0, count: classCount)
      for label in labels { counts[label] += 1 }
      let present = counts.count { $0 > 0 }
      return counts.map { $0 == 0 ? 0 : Double(labels.count) / (Double(present) * Double($0)) }
    }
  }
}

/// What a linear model's score means.
public enum ProbeLink: Sendable, Hashable {
  /// A score for each class; probabilities by softmax, log loss.
  case softmax
  /// One score and ordered thresholds (McCullagh 1980); log loss. ``CumulativeLink`` has the formulae.
  case cumulative
  /// The score is the standardised target; half the squared error.
  case identity
}

/// Features, labels and folds, prepared once for many fits.
///
/// The features are standardised by all rows to keep single precision safe; every fit then has a standardisation of its
/// own, from its own training rows, applied to its weights instead of the data.
public struct ProbeData: Sendable {
  public let link: ProbeLink
  /// Class or level of each row; all 0 for real values.
  public let labels: [Int]
  /// Classes or levels; 1 for real values.
  public let classCount: Int
  /// Real values, standardised by all rows; empty for classes and levels.
  public let values: [Float]
  /// Of the real values.
  public let valueMean: Double
  public let valueScale: Double
  /// Fold of each row, 0..<foldCount.
  public let folds: [Int]
  public let foldCount: Int
  let standardised: FeatureMatrix
  let overall: Standardisation
  let moments: [FeatureMoments]
  let rowWeights: [Float]

  public var rows: Int { standardised.rows }
  public var dimension: Int { standardised.columns }

  /// - Parameter isOrdinal: the classes are levels, ascending.
  /// - Precondition: one label (0..<classCount) and one fold a row.
  public init(
    _ features: FeatureMatrix, labels: [Int], classCount: Int, folds: [Int], weights: ClassWeights = .none,
    isOrdinal: Bool = false
  ) {
    precondition(labels.allSatisfy { (0..<classCount).contains($0) }, "a label is out of range")
    let perClass = weights.values(labels: labels, classCount: classCount)
    self.init(
      features, link: isOrdinal ? .cumulative : .softmax, labels: labels, classCount: classCount, values: [],
      folds: folds,
      rowWeights: labels.map { Float(perClass[$0]) })
  }

  /// - Precondition: one value and one fold a row.
  public init(_ features: FeatureMatrix, values: [Double], folds: [Int]) {
    self.init(
      features, link: .identity, labels: [Int](repeating: 0, count: values.count), classCount: 1, values: values,
      folds: folds, rowWeights: [Float](repeating: 1, count: values.count))
  }

  private init(
    _ features: FeatureMatrix, link: ProbeLink, labels: [Int], classCount: Int, values: [Double], folds: [Int],
    rowWeights: [Float]
  ) {
    precondition(labels.count == features.rows && folds.count == features.rows, "targets and folds must match the rows")
    self.link = link
    self.labels = labels
    self.classCount = classCount
    self.folds = folds
    self.rowWeights = rowWeights
    let moments = ValueMoments(values)
    valueMean = moments.mean
    valueScale = moments.deviation
    self.values = values.map { Float(($0 - moments.mean) / moments.deviation) }
    foldCount = (folds.max() ?? 0) + 1
    overall = Standardisation(features)
    standardised = features.standardised(overall)
    let data = standardised
    self.moments = (0..<foldCount).map { fold in
      FeatureMoments(data, rows: folds.indices.filter { folds[$0] == fold })
    }
  }

  /// The standardisation of the rows outside the excluded folds, on top of ``overall``.
  func standardisation(excluding excluded: Set<Int>) -> Standardisation {
    let included = moments.indices.filter { !excluded.contains($0) }.map { moments[$0] }
    return Standardisation(included.reduce(FeatureMoments(columns: dimension), +))
  }

  /// `inner` after ``overall``, as one standardisation of raw features.
  func composed(_ inner: Standardisation) -> Standardisation {
    let mean = (0..<dimension).map { overall.mean[$0] + overall.scale[$0] * inner.mean[$0] }
    let scale = (0..<dimension).map { overall.scale[$0] * inner.scale[$0] }
    return Standardisation(mean: mean, scale: scale)
  }

  /// Mean loss of the link, of outputs `[n, K]` as ``LogisticRegression/Solution/logits`` has them: log loss, or the mean
  /// squared error of standardised values.
  func loss(_ outputs: [Float], rows: some Collection<Int>) -> Double {
    var chosen: [Float] = []
    chosen.reserveCapacity(rows.count * classCount)
    for row in rows { chosen += outputs[row * classCount..<(row + 1) * classCount] }
    guard link == .identity else {
      return Softmax.logLoss(chosen, labels: rows.map { labels[$0] }, classCount: classCount)
    }
    let squares = zip(rows, chosen).reduce(0.0) { sum, pair in
      let error = Double(pair.1 - values[pair.0])
      return sum + error * error
    }
    return rows.isEmpty ? 0 : squares / Double(rows.count)
  }
}

/// Mean and deviation of a target; the deviation is 1 where it does not vary.
struct ValueMoments {
  let mean: Double
  let deviation: Double

  init(_ values: [Double]) {
    let count = Double(max(1, values.count))
    let mean = values.reduce(0, +) / count
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    self.mean = mean
    deviation = variance <= 1e-24 * max(1, mean * mean) ? 1 : variance.squareRoot()
  }
}
