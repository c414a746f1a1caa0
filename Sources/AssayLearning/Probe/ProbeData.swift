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

/// Features, labels and folds, prepared once for many fits.
///
/// The features are standardised by all rows to keep single precision safe; every fit then has a standardisation of its
/// own, from its own training rows, applied to its weights instead of the data.
public struct ProbeData: Sendable {
  public let labels: [Int]
  public let classCount: Int
  /// Fold of each row, 0..<foldCount.
  public let folds: [Int]
  public let foldCount: Int
  let standardised: FeatureMatrix
  let overall: Standardisation
  let moments: [FeatureMoments]
  let rowWeights: [Float]

  public var rows: Int { standardised.rows }
  public var dimension: Int { standardised.columns }

  /// - Precondition: one label (0..<classCount) and one fold a row.
  public init(_ features: FeatureMatrix, labels: [Int], classCount: Int, folds: [Int], weights: ClassWeights = .none) {
    precondition(labels.count == features.rows && folds.count == features.rows, "labels and folds must match the rows")
    precondition(labels.allSatisfy { (0..<classCount).contains($0) }, "a label is out of range")
    self.labels = labels
    self.classCount = classCount
    self.folds = folds
    foldCount = (folds.max() ?? 0) + 1
    overall = Standardisation(features)
    standardised = features.standardised(overall)
    let data = standardised
    moments = (0..<foldCount).map { fold in
      FeatureMoments(data, rows: folds.indices.filter { folds[$0] == fold })
    }
    let perClass = weights.values(labels: labels, classCount: classCount)
    rowWeights = labels.map { Float(perClass[$0]) }
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
}
