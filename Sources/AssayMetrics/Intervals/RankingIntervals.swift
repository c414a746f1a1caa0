/// 95 % intervals of areas under curves, which depend on how many parts there were at 0 and 1 too.
public enum RankingIntervals {
  /// Of an area under the ROC curve: Newcombe (2006), "Confidence intervals for an effect size measure based on the
  /// Mann-Whitney statistic. Part 2", method 5. The ends are the areas from which the one that was measured is just 1.96
  /// deviations away; the deviation is Hanley and McNeil's (1982) with both sizes set to their mean.
  /// - Parameters:
  ///   - area: 0...1.
  ///   - positives, negatives: parts of each group.
  /// - Returns: nil unless both groups have a part.
  public static func rocArea(_ area: Double, positives: Int, negatives: Int) -> Interval? {
    guard positives > 0, negatives > 0, area.isFinite else { return nil }
    let pairs = Double(positives) * Double(negatives)
    let other = Double(positives + negatives) / 2 - 1
    func deviation(_ a: Double) -> Double {
      let variance = a * (1 - a) * (1 + other * ((1 - a) / (2 - a) + a / (1 + a))) / pairs
      return max(0, variance).squareRoot()
    }
    /// The greatest distance from the measured area, up to `limit`, that is still within 1.96 deviations.
    func reach(_ limit: Double, _ direction: Double) -> Double {
      var (inside, outside) = (0.0, limit)
      for _ in 0..<60 {
        let middle = (inside + outside) / 2
        if middle <= Proportion.z * deviation(area + direction * middle) { inside = middle } else { outside = middle }
      }
      return inside
    }
    return Interval(low: area - reach(area, -1), high: area + reach(1 - area, 1)).clamped(to: 0...1)
  }

  /// Of an average precision: as a share of the positives (Boyd, Eng and Page 2013, who found binomial intervals good where
  /// the bootstrap is not), by Wilson.
  /// - Returns: nil without positives.
  public static func averagePrecision(_ value: Double, positives: Int) -> Interval? {
    Proportion.wilson(share: value, of: positives)
  }
}

extension ROCCurve {
  /// The area with its 95 % interval.
  /// - Returns: nil unless both classes occur.
  public static func area(scores: [Double], isPositive: [Bool]) -> (value: Double, interval: Interval?)? {
    ROCCurve(scores: scores, isPositive: isPositive).map { curve in
      let positives = isPositive.count { $0 }
      return (
        curve.area,
        RankingIntervals.rocArea(curve.area, positives: positives, negatives: isPositive.count - positives)
      )
    }
  }
}

extension PrecisionRecallCurve {
  /// The average precision with its 95 % interval.
  /// - Returns: nil when there are no positives.
  public static func averagePrecision(
    scores: [Double], isPositive: [Bool]
  ) -> (value: Double, interval: Interval?)? {
    PrecisionRecallCurve(scores: scores, isPositive: isPositive).map { curve in
      let positives = isPositive.count { $0 }
      return (curve.averagePrecision, RankingIntervals.averagePrecision(curve.averagePrecision, positives: positives))
    }
  }
}
