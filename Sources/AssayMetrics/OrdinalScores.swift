/// Measures of agreement on ordered levels.
public enum OrdinalScores {
  /// Cohen's kappa with quadratic weights (Cohen 1968): 1 is agreement, 0 what chance would give, 1 - sum(w o) / sum(w e)
  /// with `w = (i - j)^2` over the positions of the levels; as scikit-learn's `cohen_kappa_score(weights="quadratic")`.
  /// - Returns: nil when truth and predictions are all the same level, where it is not defined.
  public static func quadraticWeightedKappa(_ matrix: ConfusionMatrix) -> Double? {
    let (support, predicted, total) = (matrix.support, matrix.predictedCounts, Double(matrix.total))
    var (observed, expected) = (0.0, 0.0)
    for i in 0..<matrix.classCount {
      for j in 0..<matrix.classCount {
        let weight = Double((i - j) * (i - j))
        observed += weight * Double(matrix.counts[i][j])
        expected += weight * Double(support[i]) * Double(predicted[j]) / max(total, 1)
      }
    }
    return expected > 0 ? 1 - observed / expected : nil
  }
}

/// Agreement of two rankings.
public enum RankCorrelation {
  /// Spearman's rho (1904): Pearson's correlation of the ranks, ties sharing their mean rank; as `scipy.stats.spearmanr`.
  /// - Returns: nil when one of the two does not vary.
  public static func spearman(_ a: [Double], _ b: [Double]) -> Double? {
    precondition(a.count == b.count)
    return pearson(ranks(a), ranks(b))
  }

  /// 1 for the smallest; equal values share the mean of their ranks.
  static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var result = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for position in start..<end { result[order[position]] = Double(start + end + 1) / 2 }
      start = end
    }
    return result
  }

  private static func pearson(_ a: [Double], _ b: [Double]) -> Double? {
    let count = Double(max(1, a.count))
    let (ma, mb) = (a.reduce(0, +) / count, b.reduce(0, +) / count)
    var (ab, aa, bb) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      ab += (x - ma) * (y - mb)
      aa += (x - ma) * (x - ma)
      bb += (y - mb) * (y - mb)
    }
    return aa > 0 && bb > 0 ? ab / (aa * bb).squareRoot() : nil
  }
}
